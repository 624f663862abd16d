/**
 * isoTimes writes times in RFC 3339 and UTC. To format a date costs more than all the rest of a line, so the text of the
 * second is kept until the next one, and that of the millisecond. @internal
 */
export function isoTimes(): (unixMs: number) => string {
  let lastMs = NaN;
  let lastText = "";
  let second = NaN;
  // All but "000Z".
  let secondText = "";
  return (unixMs) => {
    const ms = Math.floor(unixMs);
    if (ms === lastMs) return lastText;
    if (Math.floor(ms / 1000) !== second) {
      second = Math.floor(ms / 1000);
      secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    lastMs = ms;
    return (lastText = `${secondText}${String(ms - second * 1000).padStart(3, "0")}Z`);
  };
}
