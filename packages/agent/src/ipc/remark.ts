/** Says something more beside what is remarked of a detection already. */

const longest = 500;

export function remarked<D extends { readonly remark: string | null }>(detection: D, message: string | null): D {
  if (message === null) return detection;
  const remark = detection.remark === null ? message : `${message} ${detection.remark}`;
  return { ...detection, remark: remark.slice(0, longest) };
}
