// Contour lines by marching squares.

const CELLS = 120;
const LEVELS = Array.from({ length: 16 }, (_, k) => 2 ** (k - 5));

/** All contour lines of a function on the unit square, as the text of one SVG path. */
function contours(value, size) {
  const values = Array.from({ length: CELLS + 1 }, (_, row) =>
    Array.from({ length: CELLS + 1 }, (_, column) => value(column / CELLS, row / CELLS)),
  );
  const pieces = [];
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const heights = corners.map(([x, y]) => values[y][x]);
      for (const level of LEVELS) pieces.push(...crossings(corners, heights, level, size));
    }
  }
  return pieces.join("");
}

/** Where a contour line crosses one cell: it enters by one edge and leaves by another. */
function crossings(corners, heights, level, size) {
  const points = [];
  for (let edge = 0; edge < 4; edge++) {
    const next = (edge + 1) % 4;
    const [from, to] = [heights[edge] - level, heights[next] - level];
    if (from < 0 === to < 0) continue;
    const share = from / (from - to);
    points.push(corners[edge].map((a, axis) => a + share * (corners[next][axis] - a)));
  }
  const pairs = points.length === 4 ? [points.slice(0, 2), points.slice(2)] : [points];
  return pairs
    .filter((pair) => pair.length === 2)
    .map((pair) => through(pair.map(([x, y]) => [(x / CELLS) * size, (1 - y / CELLS) * size])));
}
