// The rules written by people, with torch.optim's settings. See lstm.js for what a rule is.

function sgd(rate) {
  return { begin: () => null, step: (gradient) => [-rate * gradient, null] };
}

function momentum(rate) {
  return {
    begin: () => 0,
    step(gradient, b) {
      const sum = 0.9 * b + gradient;
      return [-rate * sum, sum];
    },
  };
}

function adam(rate) {
  return {
    begin: () => ({ m: 0, v: 0, t: 0 }),
    step(gradient, state) {
      const t = state.t + 1;
      const m = 0.9 * state.m + 0.1 * gradient;
      const v = 0.999 * state.v + 0.001 * gradient * gradient;
      const size = Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8; // the averages began with zeros
      return [(-rate * m) / (1 - 0.9 ** t) / size, { m, v, t }];
    },
  };
}

const WITH_A_RATE = { adam, momentum, sgd };
