"use strict";
{
  const said = document.getElementById("said");
  const oldWay = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "said";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return oldWay(text);
    }
  };
  document.documentElement.classList.add("scripted");

  // Paper does not scroll: what is too wide for its box is set smaller.
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll(".rhs")) {
      const part = box.clientWidth / box.scrollWidth;
      if (part < 1) box.style.fontSize = `${(94 * part).toFixed(1)}%`;
    }
  });
  addEventListener("afterprint", () => {
    for (const box of document.querySelectorAll(".rhs")) box.style.fontSize = "";
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const done = await copy(button.dataset.latex);
    said.textContent = done ? "LaTeX copied" : "The browser refused to copy";
    button.classList.toggle("done", done);
    setTimeout(() => {
      button.classList.remove("done");
      said.textContent = "";
    }, 1600);
  });
}
