/** Says something more beside what is remarked of a detection already. */

const longest = 500;

export function remarked<D extends { readonly remark: string | null }>(detection: D, sentence: string | null): D {
  if (sentence === null) return detection;
  const remark = detection.remark === null ? sentence : `${sentence} ${detection.remark}`;
  return { ...detection, remark: remark.slice(0, longest) };
}
