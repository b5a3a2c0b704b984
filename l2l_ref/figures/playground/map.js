// The landscape from above, with the paths of the rules.

const SIZE = 320; // of both pictures, in their own units

/** From a theta to a point of the map. */
function toMap({ centre, reach }, theta) {
  const [a, b] = theta.map((value, i) => (value - centre[i] + reach) / (2 * reach));
  return [a * SIZE, (1 - b) * SIZE];
}

/** From a point of the map, as shares of its width and height, to a theta in its square. */
function fromMap(landscape, [across, down]) {
  const { centre, reach } = landscape;
  return within(landscape, [centre[0] + reach * (2 * across - 1), centre[1] + reach * (1 - 2 * down)]);
}

/** The theta of the landscape's square that is nearest. */
function within({ centre, reach }, theta) {
  return theta.map((value, i) => Math.max(centre[i] - reach, Math.min(centre[i] + reach, value)));
}

/** Draw the contour lines, which change only with the landscape. */
function drawLandscape(layer, { loss, centre, reach }) {
  const at = (share, i) => centre[i] + reach * (2 * share - 1);
  const d = contours((across, up) => loss([at(across, 0), at(up, 1)]), SIZE);
  layer.replaceChildren(svg("path", { d, class: "contours" }));
}

/** Draw the paths, the first on top, and the start over all of them. */
function drawPaths(layer, landscape, runs, start) {
  const paths = runs.map(({ thetas, look }) => {
    const points = thetas.map((theta) => toMap(landscape, theta));
    const dots = points.filter(isInside).map(([cx, cy]) => svg("circle", { cx, cy, r: look.width }));
    return svg("g", { fill: look.color }, line(points, look), ...dots);
  });
  const [x, y] = toMap(landscape, start);
  const handle = [
    svg("circle", { cx: x, cy: y, r: 16, class: "halo" }),
    svg("rect", { x: x - 5, y: y - 5, width: 10, height: 10, class: "start" }),
  ];
  layer.replaceChildren(...paths.reverse(), ...handle);
}

function isInside([x, y]) {
  return x >= 0 && x <= SIZE && y >= 0 && y <= SIZE;
}
