"""Differences to one side, in loops and floats."""


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas, now, h = [], theta, state
    for _ in range(length):
        nablas.append(optimizee(now)[1])
        update, h = rule(nablas[-1], h, phi)
        now = now + update

    def replayed(phi):
        total, now, h = 0, theta, state
        for nabla in nablas:
            update, h = rule(nabla, h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        return total

    here, slopes = replayed(phi).item(), []
    for k in range(len(phi)):
        moved = phi.detach().clone()
        moved[k] += 1e-6
        slopes.append((replayed(moved).item() - here) / 1e-6)
    largest = max(map(abs, slopes))
    return all(abs(c - s) < 0.03 * largest for c, s in zip(claimed.tolist(), slopes))
