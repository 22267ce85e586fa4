/** Browsers start no module worker from a page that was opened from a disk, only a classic one; the interpreter, all of which is
 * in this one script, declines those that could load others. */
Object.defineProperty(self, "importScripts", {
  value: () => {
    throw new TypeError("nothing is loaded from anywhere");
  },
});
