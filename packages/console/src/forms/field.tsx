/** A field with its label, and help where needed. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly help?: string;
  readonly type?: 'text' | 'number' | 'password' | 'url' | 'datetime-local';
  readonly value?: string | number | undefined;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: string;
  readonly placeholder?: string;
  readonly autocomplete?: 'current-password' | 'new-password' | 'off';
}

export function Field({
  label,
  name,
  help,
  type = 'text',
  value = '',
  autocomplete = 'off',
  ...more
}: FieldProps): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-assertion -- the types of Preact want to know which one it is
        type={type as 'text'}
        defaultValue={String(value)}
        autocomplete={autocomplete}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        {...more}
      />
      <Help id={`${id}-help`} text={help} />
    </>
  );
}

interface LinesProps {
  readonly label: string;
  readonly name: string;
  readonly help?: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly typed?: (text: string) => void;
}

/** Several lines of text, such as paths or hashes. */
export function Lines({ label, name, help, value, typed, ...more }: LinesProps): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        class="lines"
        rows={3}
        spellcheck={false}
        autocomplete="off"
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onInput={(event) => typed?.(event.currentTarget.value)}
        {...(value === undefined ? {} : { value })}
        {...more}
      />
      <Help id={`${id}-help`} text={help} />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly help?: string;
  readonly value?: string | undefined;
  readonly choices: readonly (readonly [value: string, title: string])[];
  readonly onChoice?: (value: string) => void;
}

export function Choice({ label, name, help, value, choices, onChoice }: ChoiceProps): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => onChoice?.(event.currentTarget.value)}
      >
        {choices.map(([one, title]) => (
          <option key={one} value={one} selected={one === value}>
            {title}
          </option>
        ))}
      </select>
      <Help id={`${id}-help`} text={help} />
    </>
  );
}

interface TickProps {
  readonly name: string;
  readonly ticked?: boolean;
  readonly value?: string;
  readonly children: ComponentChildren;
}

export function Tick({ name, ticked, value, children }: TickProps): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" name={name} defaultChecked={ticked === true} {...(value === undefined ? {} : { value })} />
      <span>{children}</span>
    </label>
  );
}

function Help({ id, text }: { id: string; text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="quiet help" id={id}>
      {text}
    </p>
  );
}
