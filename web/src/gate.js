/* Runs in any browser, however old: says in one line why the page cannot work here, or nothing. */
(function () {
  function valid(bytes) {
    try { return WebAssembly.validate(new Uint8Array(bytes)); } catch (error) { return false; }
  }
  var head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10];
  var agent = navigator.userAgent, found = /(?:Chrome|Chromium)\/(\d+)/.exec(agent);
  var own = found ? "现在这个是 Chromium " + found[1] : "现在这个不是 Chromium 内核，或者太旧";
  var other = "请换用 Chromium 102 或更新的浏览器打开这个文件，例如新版的 Edge、Chrome、360 安全浏览器、奇安信可信浏览器（" + own + "）。";
  var line = "";
  if (typeof Worker === "undefined" || typeof Promise === "undefined" || typeof DecompressionStream === "undefined") {
    line = "这个浏览器太旧，运行不了检查程序。" + other;
  } else if (typeof WebAssembly === "undefined") {
    line = "这个浏览器关闭了 WebAssembly（多半是单位的安全设置），检查程序运行不了。请换一个浏览器打开，或请管理员允许本机网页使用 WebAssembly。";
  } else if (!valid(head.concat([7, 1, 5, 0, 208, 112, 26, 11])) || !valid(head.concat([8, 1, 6, 0, 6, 64, 25, 11, 11]))) {
    line = "这个浏览器太旧，运行不了检查程序。" + other;
  }
  window.perfevalCannot = line;
  if (line) {
    var place = document.getElementById("cannot");
    place.appendChild(document.createTextNode(line));
    place.removeAttribute("hidden");
    document.getElementById("start").setAttribute("hidden", "hidden");
  }
})();
