// Small helpers to draw with.

/** A new element of an SVG picture. */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The path through points. What lies far outside the picture is brought nearer, for the browser. */
function through(points) {
  const near = (value) => Math.max(-5000, Math.min(5000, value)).toFixed(2);
  return points.map(([x, y], k) => `${k ? "L" : "M"}${near(x)} ${near(y)}`).join("");
}

/** A line in the look of a rule. */
function line(points, { color, dashes, width }) {
  const stroke = { stroke: color, "stroke-width": width, "stroke-dasharray": dashes };
  return svg("path", { d: through(points), fill: "none", ...stroke });
}
