// Light or dark: as the system has it, or as the person says, which this browser remembers.

import { choice } from "./h.js";

const KEPT = "lrcore-studio-theme";

export function theme(element) {
  const listeners = [];
  const system = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => listeners.forEach((listener) => listener());
  const switched = choice("Theme", { system: "Auto", light: "Light", dark: "Dark" }, (value) => {
    apply(value);
    keep(value);
    tell();
  });
  const apply = (value) => {
    if (value === "system") delete element.dataset.theme;
    else element.dataset.theme = value;
    const root = document.documentElement;
    if (element.parentElement === document.body) root.style.colorScheme = value === "system" ? "light dark" : value;
    switched.show(value);
  };
  apply(kept());
  system.addEventListener("change", tell);
  matchMedia("(prefers-contrast: more)").addEventListener("change", tell);
  return { element: switched.element, listen: (listener) => listeners.push(listener) };
}

// Where a browser keeps nothing, the choice lasts as long as the page
function kept() {
  try {
    return ["light", "dark"].find((one) => one === localStorage.getItem(KEPT)) ?? "system";
  } catch {
    return "system";
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // Private windows refuse
  }
}
