// The parts of a WebAssembly file: its sections, with their names in the specification.

const NAMES = ["custom", "types", "imports", "functions", "tables", "memory", "globals", "exports", "start", "elements", "code", "data", "data count", "tags"];

/** `{ name, bytes }` for each section, in their order. */
export function sections(file) {
  const found = [];
  let at = 8; // after the magic number and the version
  while (at < file.length) {
    const id = file[at];
    const [length, begin] = number(file, at + 1);
    found.push({ name: NAMES[id] ?? `section ${id}`, bytes: file.subarray(begin, begin + length) });
    at = begin + length;
  }
  return found;
}

/** An unsigned LEB128 number, and where it ends. */
function number(file, at) {
  let [value, shift] = [0, 0];
  for (;;) {
    const byte = file[at++];
    value += (byte & 127) * 2 ** shift;
    shift += 7;
    if (byte < 128) return [value, at];
  }
}
