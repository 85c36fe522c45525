// What every page does when scripts run. Each page works without this file.

// After a refusal the summary is read first.
document.querySelector("[data-focus]")?.focus();

// A form that was sent waits for its answer; the same press cannot be sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.sending) {
    if (form.dataset.sending) event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("button[type=submit]")) button.removeAttribute("aria-disabled");
  }
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A tab is bound to one patient: when it shows another one, it asks. Only the opaque id is kept, and only as long as the tab lives.
const shown = document.querySelector("[data-patient]");
const asking = document.querySelector("[data-other-patient]");
if (shown && asking) {
  const here = shown.dataset.patient;
  const earlier = sessionStorage.getItem("patient");
  if (earlier && earlier !== here) {
    asking.querySelector("[data-earlier]").href = shown.querySelector("a.name").pathname.replace(here, earlier);
    asking.hidden = false;
    asking.querySelector("[data-settle]").addEventListener("click", () => {
      sessionStorage.setItem("patient", here);
      asking.hidden = true;
    });
  } else {
    sessionStorage.setItem("patient", here);
  }
}
