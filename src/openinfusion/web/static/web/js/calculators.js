// A calculator that answers while one types. Each works without this file: the form is sent and the page comes back worked out.

const form = document.querySelector("[data-live]");

// From the first key on, what stands in the result is of an earlier entry.
form?.addEventListener("input", () => document.getElementById("worked").setAttribute("aria-busy", "true"));

// An answer from elsewhere is the sign-in page: the form is sent as a page, so that what was typed is there again after signing in.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === location.pathname) return;
  event.detail.shouldSwap = false;
  // A form that charts is never sent by itself.
  if (form.method === "get") form.submit();
  else document.querySelector("#worked [data-lost]").hidden = false;
});

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  form?.addEventListener(failure, () => { document.querySelector("#worked [data-lost]").hidden = false; });
}
