// The home in a notebook: the page's files come with the widget, and its questions go to the notebook's Python.

export default { render };

async function render({ model, el }) {
  const { start } = await import(loaded(model.get("files"))("studio.js"));
  const waiting = new Map();
  let count = 0;

  const told = ({ id, reply, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    if (!waiting.delete(id)) return; // of another view of the same widget
    if (error === undefined) resolve(JSON.parse(reply));
    else reject(new Error(error));
  };

  const mine = Math.random().toString(36).slice(2); // crypto has none on a plain http address
  const ask = (request) =>
    new Promise((resolve, reject) => {
      const id = `${mine}-${++count}`;
      waiting.set(id, { resolve, reject });
      model.send({ id, request: JSON.stringify(request) });
    });

  const changed = (texts) => {
    model.set("texts", texts);
    model.save_changes();
  };

  model.on("msg:custom", told);
  const element = document.createElement("div");
  el.append(element);
  start(element, ask, { address: false, state: model.get("first"), changed });
  return () => model.off("msg:custom", told);
}

/** The address of a file, in which the addresses of those that it imports are written: a notebook serves none. */
function loaded(files) {
  const made = new Map();
  const address = (name) => {
    if (!made.has(name)) {
      const folder = name.split("/").slice(0, -1);
      const words = files[name].replace(/(\bfrom |\bimport )"\.\/([^"]+)"/g, (_, word, other) => `${word}"${address([...folder, other].join("/"))}"`);
      made.set(name, URL.createObjectURL(new Blob([words], { type: "text/javascript" })));
    }
    return made.get(name);
  };
  return address;
}
