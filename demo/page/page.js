// Each chart's specification stands beside its place, as data.
for (const place of document.querySelectorAll("[data-chart]")) {
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  // `ast` keeps Vega from compiling code, which the page's security policy forbids.
  vegaEmbed(place, spec, { actions: false, ast: true, renderer: "svg" });
}
