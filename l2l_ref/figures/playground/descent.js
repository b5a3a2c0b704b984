// The inner loop: a rule goes down a landscape.

/** From here on a run counts as diverged and stops. No landscape's square holds such a loss. */
const DIVERGED = 1e6;

/** Run a rule; the results hold theta_0, theta_1 and so on, and the loss at each. */
function descend(landscape, rule, start, steps) {
  let theta = start;
  let states = theta.map(rule.begin);
  const thetas = [theta];
  const losses = [landscape.loss(theta)];
  while (thetas.length <= steps && losses.at(-1) < DIVERGED) {
    const gradient = landscape.gradient(theta, thetas.length - 1);
    const answers = theta.map((_, i) => rule.step(gradient[i], states[i]));
    theta = theta.map((value, i) => value + answers[i][0]);
    states = answers.map(([, state]) => state);
    thetas.push(theta);
    losses.push(landscape.loss(theta));
  }
  const diverged = !(losses.at(-1) < DIVERGED); // also where it is not a number
  const sum = losses.slice(0, steps).reduce((total, loss) => total + loss, 0);
  return { thetas, losses, diverged, sum: diverged ? Infinity : sum };
}

/** The rate with the least sum of losses on this landscape from this start. */
function bestRate(ruleAt, rates, landscape, start, steps) {
  const sums = rates.map((rate) => descend(landscape, ruleAt(rate), start, steps).sum);
  return rates[sums.indexOf(Math.min(...sums))];
}
