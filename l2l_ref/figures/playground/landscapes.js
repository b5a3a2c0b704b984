// Functions of two coordinates to minimise; the least value of each is 0.
//
// A landscape has its loss, the gradient that a rule is shown at a step, the square that is drawn
// (its centre and how far it reaches to each side), and where a run starts at first.

const MOST_STEPS = 300;

/** Standard normal numbers that depend on the seed alone, so that every rule meets the same. */
function normals(seed) {
  let state = seed;
  const uniform = () => {
    // The generator "mulberry32": small, and good enough to draw functions with.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // Box and Muller's method; 1 - uniform() is never 0, whose logarithm is infinite.
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The paper's ||W theta - y||^2 with two coordinates instead of ten. */
function quadratic(seed) {
  const normal = normals(seed);
  const W = [[normal(), normal()], [normal(), normal()]];
  const y = [normal(), normal()];
  const residual = (theta) => W.map((row, k) => row[0] * theta[0] + row[1] * theta[1] - y[k]);
  return {
    W,
    y,
    loss: (theta) => residual(theta).reduce((sum, r) => sum + r * r, 0),
    gradient(theta) {
      const r = residual(theta);
      return [0, 1].map((i) => 2 * (W[0][i] * r[0] + W[1][i] * r[1]));
    },
    centre: [0, 0],
    reach: 3,
    start: [0, 0],
    seeded: true,
  };
}

/** The same function, but each gradient comes with noise, as those of minibatches do. */
function noisy(seed) {
  const exact = quadratic(seed);
  const normal = normals(seed + 1e6);
  const noise = Array.from({ length: MOST_STEPS }, () => [2 * normal(), 2 * normal()]);
  const gradient = (theta, step) => exact.gradient(theta).map((g, i) => g + noise[step][i]);
  return { ...exact, noise, gradient };
}

/** Rosenbrock's curved valley, a tenth as steep as usual. */
function valley() {
  return {
    loss: ([a, b]) => (1 - a) ** 2 + 10 * (b - a * a) ** 2,
    gradient: ([a, b]) => [-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)],
    centre: [0, 0.5],
    reach: 2,
    start: [-1.2, 1],
  };
}

/** Two minima, at (-1, 0) and (1, 0), and a saddle between them. */
function saddle() {
  return {
    loss: ([a, b]) => (a * a - 1) ** 2 + b * b,
    gradient: ([a, b]) => [4 * a * (a * a - 1), 2 * b],
    centre: [0, 0],
    reach: 2,
    start: [0, 1.5],
  };
}

const LANDSCAPES = {
  quadratic: { label: "quadratic", draw: quadratic },
  noisy: { label: "quadratic with noisy gradients", draw: noisy },
  valley: { label: "curved valley", draw: valley },
  saddle: { label: "saddle", draw: saddle },
};
