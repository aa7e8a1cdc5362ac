/** A plot over time: hover shows the numbers, a click opens the data behind them, and a table serves screen readers. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { utcOf } from '../widgets/moment.tsx';

interface PlotProps {
  readonly title: string;
  readonly unit: string;
  /** Milliseconds between two points; a longer gap means that nothing was measured. */
  readonly bucket: number;
  /** The range of the plot. */
  readonly since: number;
  readonly until: number;
  readonly times: readonly number[];
  readonly lines: readonly { readonly title: string; readonly values: readonly number[] }[];
  readonly open: () => void;
  /** The target of a click. */
  readonly opens: string;
  readonly empty: string;
}

const height = 190;

export function Plot(props: PlotProps): JSX.Element {
  const { title, times, lines, opens, empty } = props;
  return (
    <section class="panel plot" aria-label={title}>
      <h2>{title}</h2>
      {times.length === 0 ? <p class="quiet">{empty}</p> : <Canvas {...props} />}
      {times.length === 0 ? null : (
        <div class="bar">
          <button type="button" class="plain" onClick={props.open}>
            {opens} →
          </button>
          <details>
            <summary>Show as table</summary>
            <div class="table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">Time (UTC)</th>
                    {lines.map((line) => (
                      <th key={line.title} scope="col">
                        {line.title}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {times.map((at, index) => (
                    <tr key={at}>
                      <th scope="row">{utcOf(at)}</th>
                      {lines.map((line) => (
                        <td key={line.title}>{line.values[index]}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </div>
      )}
    </section>
  );
}

function Canvas({ title, unit, times, lines, open, bucket, since, until }: PlotProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [library, setLibrary] = useState<{ make: typeof uPlot }>();
  useEffect(() => {
    let mounted = true;
    // Only this page draws plots, so only this page loads the library.
    void import('uplot').then((loaded) => mounted && setLibrary({ make: loaded.default }));
    return () => {
      mounted = false;
    };
  }, []);
  const data = withGaps(times, lines, bucket);
  const newest = useRef(data);
  newest.current = data;
  const edges = useRef({ since, until });
  edges.current = { since, until };
  useEffect(() => {
    const place = box.current;
    if (place === null || library === undefined) return undefined;
    const made = new library.make(
      optionsOf({ lines, unit, width: place.clientWidth, edges: () => edges.current }),
      newest.current,
      place,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height }));
    resized.observe(place);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [library]);
  const key = JSON.stringify([data, since, until]);
  useEffect(() => plot.current?.setData(newest.current), [key]);
  return (
    <div
      class="canvas"
      ref={box}
      role="img"
      aria-label={`${title}: chart; the table below has the same data`}
      onClick={open}
    />
  );
}

/** In seconds, as the plot takes them. Unmeasured times are gaps, not straight lines. */
function withGaps(times: readonly number[], lines: PlotProps['lines'], bucket: number): uPlot.AlignedData {
  const xs: number[] = [];
  const ys: (number | null)[][] = lines.map(() => []);
  for (const [index, at] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined && at - before > 3 * bucket) {
      xs.push((before + bucket) / 1000);
      for (const values of ys) values.push(null);
    }
    xs.push(at / 1000);
    for (const [line, values] of ys.entries()) values.push(lines[line]?.values[index] ?? null);
  }
  return [xs, ...ys];
}

interface Looks {
  readonly lines: PlotProps['lines'];
  readonly unit: string;
  readonly width: number;
  readonly edges: () => { since: number; until: number };
}

function optionsOf({ lines, unit, width, edges }: Looks): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => resolved(style.getPropertyValue(name));
  const strokes = ['--accent', '--warning'];
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line') },
  };
  return {
    width,
    height,
    cursor: { y: false },
    legend: { live: true },
    scales: {
      x: { range: () => [edges().since / 1000, edges().until / 1000] },
      y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => timeOf(tick, edges())) },
      { ...axis, size: 56, incrs: wholeSteps },
    ],
    series: [
      {
        value: (_plot: uPlot, at: number | null) =>
          at === null ? '–' : `${days.format(at * 1000)} ${hours.format(at * 1000)}`,
      },
      ...lines.map((line, index) => ({
        label: line.title,
        stroke: colour(strokes[index % strokes.length] ?? '--accent'),
        width: 2,
        points: { show: true, size: 5 },
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : `${value.toLocaleString()} ${unit}`),
      })),
    ],
  };
}

/** No half endpoints, and nothing below a millisecond. */
const wholeSteps = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** A tick label in the viewer's time format; days only where the plot spans more than two. */
function timeOf(seconds: number, { since, until }: { since: number; until: number }): string {
  return (until - since > 2 * 86_400_000 ? days : hours).format(seconds * 1000);
}

/** A colour that a canvas understands: it does not support light-dark(). */
function resolved(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
