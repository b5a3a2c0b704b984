// What the theme and the writer of the bibliography get wrong in their markup, for readers who
// hear the page (axe, WCAG A and AA). Their looks are mended in book.css.

function mend() {
  // A button is called by the text it shows; icons and shortcuts are decoration.
  document
    .querySelectorAll("summary, .search-button-field")
    .forEach((button) => button.removeAttribute("aria-label"));
  // An icon may have been replaced by a drawing already, whose title is an element in it.
  document
    .querySelectorAll(".theme-switch-button :is(i, svg), .search-button__kbd-shortcut")
    .forEach((node) => {
      node.setAttribute("aria-hidden", "true");
      node.removeAttribute("title");
      node.querySelectorAll("title").forEach((title) => title.remove());
    });

  // A role that was withdrawn from the standard, and a list of what are no list items without it.
  document
    .querySelectorAll(".citation-list, .citation-list [role=doc-biblioentry]")
    .forEach((node) => node.removeAttribute("role"));
}

document.addEventListener("DOMContentLoaded", mend);
