// Draws the charts of an activity, with one cursor for all of them and for the route.
"use strict";

const points = JSON.parse(document.getElementById("points").textContent);
const unit = JSON.parse(document.getElementById("unit").textContent);
const figures = [...document.querySelectorAll("figure[data-chart]")];
const slider = document.getElementById("position");
const here = document.getElementById("here");
const HEIGHT = 150;

let along = points.distances.length ? "distances" : "times";
let plots = [];

const two = (value) => String(value).padStart(2, "0");

function clock(seconds) {
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function value(chart, number) {
  return chart.pace ? clock(number * 60) : String(Math.round(number * 10) / 10);
}

// Shows the values at a point, and where it is on the route.
function show(index) {
  const digits = ["km", "mi"].includes(unit) ? 2 : 0; // metres and yards of swims are whole
  const place = points.distances.length ? `${points.distances[index].toFixed(digits)} ${unit}` : "";
  const time = points.times.length ? clock(points.times[index]) : "";
  for (const figure of figures) {
    const chart = points.charts[figure.dataset.chart], number = chart.values[index];
    const known = number === null ? "not known" : `${value(chart, number)} ${chart.unit}`;
    figure.querySelector("output").textContent = `${known} at ${[place, time].filter(Boolean).join(", ")}`;
  }
  slider.value = index;
  slider.setAttribute("aria-valuetext", [place, time].filter(Boolean).join(", "));
  if (here && points.xs.length && points.xs[index] !== null) {
    here.setAttribute("d", `M${points.xs[index]} ${points.ys[index]}h0`);
    here.classList.add("on");
  }
}

function axis(colours, values) {
  return { stroke: colours.soft, grid: { stroke: colours.rule, width: 1 }, ticks: { show: false }, values };
}

function options(chart, colours, width) {
  const words = along === "times" ? clock : (number) => `${number} ${unit}`;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: "along" }, drag: { x: true, y: false } },
    scales: {
      x: { time: false },
      y: chart.pace ? { dir: -1, range: chart.shown } : {},
    },
    axes: [
      axis(colours, (_, ticks) => ticks.map(words)),
      { ...axis(colours, (_, ticks) => ticks.map((tick) => value(chart, tick))), size: 56 },
    ],
    series: [{}, { stroke: colours.main, width: 1.5, spanGaps: true, points: { show: false } }],
    hooks: { setCursor: [(plot) => { if (plot.cursor.idx !== null) show(plot.cursor.idx); }] },
  };
}

function draw() {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(
    ["main", "soft", "rule"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
  for (const plot of plots) plot.destroy();
  plots = figures.map((figure) => {
    const chart = points.charts[figure.dataset.chart], target = figure.querySelector(".plot");
    const data = [points[along], chart.values];
    return new uPlot(options(chart, colours, target.clientWidth), data, target);
  });
}

function resize() {
  figures.forEach((figure, at) => {
    plots[at].setSize({ width: figure.querySelector(".plot").clientWidth, height: HEIGHT });
  });
}

slider.addEventListener("input", () => {
  const index = Number(slider.value);
  plots[0].setCursor({ left: plots[0].valToPos(points[along][index], "x"), top: 0 });
  show(index);
});
for (const choice of document.querySelectorAll("input[name=along]")) {
  choice.addEventListener("change", () => { along = choice.value; draw(); });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("resize", resize);
document.querySelector("#charts .unscripted").hidden = true;
document.querySelector("#charts .controls").hidden = false;
draw();
