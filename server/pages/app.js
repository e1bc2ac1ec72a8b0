// Shows the enrolment code that stands in the fragment: /app#enrol=<code>.
"use strict";

function show() {
  const code = new URLSearchParams(location.hash.slice(1)).get("enrol");
  const usable = code !== null && /^[0-9A-Za-z-]{4,40}$/.test(code);
  document.getElementById("with-code").hidden = !usable;
  document.getElementById("without-code").hidden = usable;
  if (usable) {
    document.getElementById("code").textContent = code;
    const address = location.origin + "/app#enrol=" + code;
    document.getElementById("command").textContent = "fieldkit enroll '" + address + "'";
  }
}

addEventListener("hashchange", show);
show();
