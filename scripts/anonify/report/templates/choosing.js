// The trade-off for choosing. What a point says is what its row of the table below says.
const REACH = 30; // how near a pointer has to be, in units of the drawing

for (const choosing of document.querySelectorAll(".choosing")) {
  const find = (selector) => choosing.querySelector(selector);
  const table = document.getElementById(choosing.dataset.table);
  const read = (row) => [...row.cells].map((cell) => cell.textContent);
  const headings = read(table.tHead.rows[0]);
  const rows = [...table.tBodies[0].rows].map(read);
  const select = find("select");
  const points = [...choosing.querySelectorAll("use[data-row]")];
  const place = (point) => [point.x.baseVal.value, point.y.baseVal.value];
  const isShown = (point) => point.closest("svg").dataset.risk === select.value;
  let current = null; // what is read
  let held = null; // its row, if it was clicked

  function name(point) {
    const [method, k, deletion] = rows[point.dataset.row];
    return `${method}, k = ${k}, ${deletion === "0" ? "nothing" : `${deletion} %`} deleted`;
  }

  function show(point) {
    current = point;
    for (const each of points) {
      each.setAttribute("tabindex", each === point ? "0" : "-1");
      each.setAttribute("aria-pressed", String(isShown(each) && each.dataset.row === held));
    }
    const cursor = point.closest("svg").querySelector(".cursor");
    const [x, y] = place(point);
    cursor.setAttribute("cx", x);
    cursor.setAttribute("cy", y);
    const [, k, deletion, ...numbers] = rows[point.dataset.row];
    find(".name").textContent = name(point);
    const isLimited = point.closest("svg").querySelector(".limit") !== null;
    const isAbove = "above" in point.dataset;
    const state = find(".state");
    state.textContent = !isLimited ? "" : isAbove ? "Above the limit." : "Keeps the limit.";
    state.classList.toggle("above", isAbove);
    const same = points.filter(
      (other) => other !== point && isShown(other) && String(place(other)) === String(place(point)),
    );
    find(".same").textContent = same.length
      ? `At the same place: ${same.map((other) => name(other)).join("; ")}.`
      : "";
    find(".readout dl").replaceChildren(
      ...numbers.flatMap((number, column) => {
        const [title, value] = [document.createElement("dt"), document.createElement("dd")];
        title.textContent = headings[column + 3];
        value.textContent = number || "masked";
        return [title, value];
      }),
    );
    find(".lines").hidden = held !== point.dataset.row;
    find(".lines pre").textContent =
      `release: {method: ${point.dataset.method}, k: ${k.replaceAll(",", "")}}\nshown_deletion: ${deletion}`;
  }

  function hold(point) {
    held = held === point.dataset.row ? null : point.dataset.row;
    show(point);
  }

  function findNearest(event) {
    const chart = event.currentTarget;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      chart.getScreenCTM().inverse(),
    );
    let [nearest, distance] = [null, REACH];
    for (const point of points.filter(isShown)) {
      const [x, y] = place(point);
      const away = Math.hypot(x - at.x, y - at.y);
      // Of points at the same place the last is seen.
      if (away <= distance) [nearest, distance] = [point, away];
    }
    return nearest;
  }

  /** Points that the arrow keys go along: of the front, or of a method and a deletion. */
  function list(isAlongFront) {
    if (!isAlongFront) return [...current.parentNode.children];
    const front = points.filter((point) => isShown(point) && point.matches(".on-front"));
    return front.sort((one, other) => place(one)[0] - place(other)[0]);
  }

  function step(isAlongFront, by) {
    const line = list(isAlongFront);
    if (line.length === 0) return current;
    const at = line.indexOf(current);
    if (at >= 0) return line[Math.min(Math.max(at + by, 0), line.length - 1)];
    // From beside the front to the nearest on its left or right.
    const x = place(current)[0];
    const beyond = by > 0 ? line.find((point) => place(point)[0] > x) : line.findLast((point) => place(point)[0] < x);
    return beyond ?? line.at(by > 0 ? -1 : 0);
  }

  const keys = {
    ArrowLeft: () => step(true, -1),
    ArrowRight: () => step(true, 1),
    ArrowUp: () => step(false, -1),
    ArrowDown: () => step(false, 1),
    Home: () => list(true)[0] ?? current,
    End: () => list(true).at(-1) ?? current,
  };

  for (const chart of choosing.querySelectorAll(".chart")) {
    chart.addEventListener("pointermove", (event) => {
      const point = held === null ? findNearest(event) : null;
      if (point !== null && point !== current) show(point);
    });
    chart.addEventListener("click", (event) => {
      const point = event.detail === 0 ? event.target.closest("use") : findNearest(event);
      if (point === null) return;
      hold(point);
      point.focus({ preventScroll: true });
    });
    chart.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key in keys) keys[event.key]().focus({ preventScroll: true });
      else if (event.key === "Enter" || event.key === " ") hold(current);
      else if (event.key === "Escape") {
        held = null;
        show(current);
      } else return;
      event.preventDefault();
    });
  }

  // Not on the charts, which some browsers would take for something that can have the focus.
  find(".plot").addEventListener("focusin", (event) => {
    if (event.target.matches("use") && event.target !== current) show(event.target);
  });

  select.addEventListener("change", () => {
    for (const part of choosing.querySelectorAll("[data-risk]")) {
      if (part.dataset.risk === select.value) part.removeAttribute("hidden");
      else part.setAttribute("hidden", "");
    }
    const row = current.dataset.row;
    const shown = points.filter(isShown);
    show(shown.find((point) => point.dataset.row === row) ?? shown[0]);
  });

  show(points.find((point) => point.dataset.row === choosing.dataset.first) ?? points[0]);
  find(".tool").hidden = false;

  // The picture is for those who have no script, and for paper.
  const picture = document.querySelector("details.all");
  picture.open = false;
  addEventListener("beforeprint", () => (picture.open = true));
  addEventListener("afterprint", () => (picture.open = false));
}
