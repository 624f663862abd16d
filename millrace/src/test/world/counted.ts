/**
 * counted makes a switch that several may turn on at a time: `enable` is called for the first of them, and what it
 * returns when the last has disposed of his turn. To dispose again does nothing.
 */
export function counted(enable: () => () => void): () => Disposable {
  let users = 0;
  let disable: (() => void) | undefined;
  return () => {
    if (users++ === 0) disable = enable();
    let open = true;
    return {
      [Symbol.dispose]() {
        if (!open) return;
        open = false;
        if (--users === 0) disable?.();
      },
    };
  };
}
