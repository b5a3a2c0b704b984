// The learned rule, l2l_ref/optimizers.py without tensors: one coordinate at a time.
//
// Every rule is an object with two functions. `begin()` is what it remembers at first, and
// `step(gradient, state)` gives the update, to be added, and what it remembers next.

/** Numbers that Python wrote as base64 of 32-bit floats. In 64 bits they are the same numbers. */
function decode(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Float64Array.from(new Float32Array(bytes.buffer));
}

/** The rule of a stored network: {outputScale, hidden, weights by their names in torch}. */
function lstm({ outputScale, hidden, weights }) {
  const tensor = (name) => decode(weights[name]);
  const cells = [];
  while (`cells.${cells.length}.weight_ih` in weights) cells.push(cell(tensor, cells.length));
  const output = tensor("output.weight");
  const [bias] = tensor("output.bias");
  return {
    begin: () => cells.map(() => [new Float64Array(hidden), new Float64Array(hidden)]),
    step(gradient, state) {
      let x = Float64Array.of(gradient);
      const newState = cells.map((weightsOfCell, layer) => {
        const [h, c] = cellStep(weightsOfCell, x, state[layer]);
        x = h;
        return [h, c];
      });
      const read = output.reduce((sum, weight, unit) => sum + weight * x[unit], bias);
      return [outputScale * read, newState];
    },
  };
}

/** The weights of one layer. torch has two biases, which are only ever added. */
function cell(tensor, layer) {
  const second = tensor(`cells.${layer}.bias_hh`);
  return {
    ofInput: tensor(`cells.${layer}.weight_ih`),
    ofHidden: tensor(`cells.${layer}.weight_hh`),
    bias: tensor(`cells.${layer}.bias_ih`).map((value, row) => value + second[row]),
  };
}

/** One step of one layer. The rows hold the gates i, f, g, o one after another, as in torch. */
function cellStep({ ofInput, ofHidden, bias }, x, [h, c]) {
  const gates = bias.slice();
  addProduct(gates, ofInput, x);
  addProduct(gates, ofHidden, h);
  const units = h.length;
  const newC = c.map((kept, unit) => {
    const [i, f, g] = [0, 1, 2].map((gate) => gates[gate * units + unit]);
    return sigmoid(f) * kept + sigmoid(i) * Math.tanh(g);
  });
  const newH = newC.map((value, unit) => sigmoid(gates[3 * units + unit]) * Math.tanh(value));
  return [newH, newC];
}

/** Add the matrix times x to a vector. The matrix lies in memory row by row. */
function addProduct(vector, matrix, x) {
  const columns = x.length;
  for (let row = 0, at = 0; row < vector.length; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++, at++) sum += matrix[at] * x[column];
    vector[row] += sum;
  }
}

function sigmoid(a) {
  return 1 / (1 + Math.exp(-a));
}
