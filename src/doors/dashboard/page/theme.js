// Runs before anything is drawn, so that a page in the chosen colours never flashes in the other ones.
const chosen = localStorage.getItem("gatehouse-theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
