// The playground: what is shown, and what happens when the reader uses the controls.

/** Bring a figure to life. `data` holds the network, the looks of the rules and the rates. */
function playground(figure, data) {
  const alive = new Playground(figure, data);
  alive.connect();
  alive.choose("quadratic");
  figure.querySelector(".l2l-live").hidden = false;
  figure.shown = alive.shown; // for the tests, and for readers who open the console
}

class Playground {
  constructor(figure, { network, looks, rates }) {
    this.find = (selector) => figure.querySelector(selector);
    this.learned = lstm(network);
    this.looks = looks;
    this.rates = rates;
    this.sliders = {};
    this.shown = { seed: 2, steps: 100, rates: {} }; // the first seed with its minimum on the map
  }

  /** Fill in what depends on the data, and listen. */
  connect() {
    const on = (name, event, act) => this.find(`[name=${name}]`).addEventListener(event, act);
    for (const [name, { label }] of Object.entries(LANDSCAPES)) {
      this.find("[name=landscape]").append(new Option(label, name));
    }
    this.find(".l2l-rules").append(ruleRow("lstm", this.looks.lstm));
    for (const name in WITH_A_RATE) this.addSlider(name);
    on("landscape", "change", (event) => this.choose(event.target.value));
    on("another", "click", () => this.drawAnother());
    on("tune", "click", () => this.tune());
    on("steps", "input", (event) => this.setSteps(Number(event.target.value)));
    movable(this.find(".l2l-map"), this.shown, () => this.update());
    show(this.find("[name=steps]"), this.shown.steps, `${this.shown.steps}`);
  }

  addSlider(name) {
    const row = ruleRow(name, this.looks[name], this.rates.length - 1);
    this.sliders[name] = row.querySelector("input");
    this.sliders[name].addEventListener("input", (event) => {
      this.setRate(name, this.rates[event.target.value]);
      this.update();
    });
    this.find(".l2l-rules").append(row);
  }

  /** Go to another kind of landscape, with the rates that are best for it. */
  choose(name) {
    this.shown.name = name;
    this.draw();
    this.shown.start = this.shown.landscape.start;
    this.find("[name=another]").disabled = !this.shown.landscape.seeded;
    this.tune();
  }

  /** Go to another landscape of the same kind; the start and the rates stay. */
  drawAnother() {
    this.shown.seed += 1;
    this.draw();
    this.update();
  }

  draw() {
    this.shown.landscape = LANDSCAPES[this.shown.name].draw(this.shown.seed);
    drawLandscape(this.find(".l2l-map g"), this.shown.landscape);
  }

  tune() {
    const { landscape, start, steps } = this.shown;
    for (const [name, ruleAt] of Object.entries(WITH_A_RATE)) {
      this.setRate(name, bestRate(ruleAt, this.rates, landscape, start, steps));
    }
    this.update();
  }

  setRate(name, rate) {
    this.shown.rates[name] = rate;
    show(this.sliders[name], this.rates.indexOf(rate), `rate ${rate}`);
  }

  setSteps(steps) {
    this.shown.steps = steps;
    show(this.find("[name=steps]"), steps, `${steps}`);
    this.update();
  }

  /** Run every rule anew and draw what comes out. */
  update() {
    const { landscape, start, steps, rates } = this.shown;
    const rules = { lstm: this.learned };
    for (const name in WITH_A_RATE) rules[name] = WITH_A_RATE[name](rates[name]);
    this.shown.runs = Object.entries(rules).map(([name, rule]) => ({
      name,
      look: this.looks[name],
      ...descend(landscape, rule, start, steps),
    }));
    drawPaths(this.find(".l2l-map g:last-child"), landscape, this.shown.runs, start);
    drawCurves(this.find(".l2l-curves"), this.shown.runs, steps);
    tell(this.find(".l2l-sums"), this.shown);
  }
}

/** Say what the pictures show. It waits for a pause, so that no one hears every step of a drag. */
function tell(paragraph, shown) {
  clearTimeout(shown.telling);
  shown.telling = setTimeout(() => {
    const sums = shown.runs.map(({ look, sum }) => `${look.label} ${inWords(sum)}`).join(", ");
    const start = shown.start.map((value) => value.toFixed(2).replace("-", "−")).join(", ");
    paragraph.textContent = `Start (${start}). Sum of ${shown.steps} losses: ${sums}.`;
  }, 250);
}

function inWords(sum) {
  if (sum === Infinity) return "diverged";
  return sum >= 100 ? Math.round(sum).toLocaleString("en") : sum.toPrecision(3);
}
