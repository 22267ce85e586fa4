/** The Python of the page, in a worker of its own: starts it from parts the page hands over, then answers calls. */
import "./classic";
import { loadPyodide } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import type { Answer, Call, Parts, Progress } from "./protocol";

type Bridge = (name: string, given: string, files: Uint8Array[]) => { toJs(): [string, Uint8Array | undefined]; destroy(): void };

/** Where the interpreter believes its parts are; `fetch` answers for this address from memory. */
const HOME = "https://page.invalid/";

let bridge: Bridge | undefined;

self.onmessage = async ({ data }: MessageEvent<{ parts: Parts } | Call>) => {
  if ("parts" in data) {
    try {
      bridge = await started(data.parts);
      post({ kind: "ready" });
    } catch (error) {
      post({ kind: "failed", reason: String(error) });
    }
    return;
  }
  answer(data);
};

function post(message: Progress | Answer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

function answer(call: Call): void {
  try {
    const result = bridge!(call.name, call.given, call.files);
    const [text, file] = result.toJs();
    result.destroy();
    const own = file && new Uint8Array(file);
    post({ kind: "answer", id: call.id, text, file: own }, own ? [own.buffer] : []);
  } catch (error) {
    post({ kind: "broken", id: call.id, reason: String(error) });
  }
}

async function started(parts: Parts): Promise<Bridge> {
  post({ kind: "starting", step: "unpack" });
  const [wasm, stdlib, python] = await Promise.all([parts.wasm, parts.stdlib, parts.python].map(unpacked));
  answerFromMemory({ "pyodide.asm.wasm": wasm!, "python_stdlib.zip": stdlib! });
  post({ kind: "starting", step: "boot" });
  const pyodide = await loadPyodide({
    indexURL: HOME,
    createPyodideModule,
    lockFileContents: parts.lock,
    env: { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1" },
  });
  post({ kind: "starting", step: "import" });
  pyodide.unpackArchive(python!.buffer, "zip", { extractDir: pyodide.runPython("import site; site.getsitepackages()[0]") as string });
  const call = pyodide.pyimport("perfeval_xl.web.bridge").call as unknown as Bridge;
  return call;
}

/** Base64 of gzip, as the page carries its parts. */
async function unpacked(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([decoded(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The worker has no network: what the interpreter would load is here already. */
function answerFromMemory(files: Record<string, Uint8Array<ArrayBuffer>>): void {
  self.fetch = (input: RequestInfo | URL) => {
    const name = String(input instanceof Request ? input.url : input).replace(HOME, "");
    const body = files[name];
    if (body === undefined) return Promise.reject(new TypeError(`nothing is loaded from anywhere: ${name}`));
    delete files[name];
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/zip";
    return Promise.resolve(new Response(body, { headers: { "Content-Type": type } }));
  };
}
