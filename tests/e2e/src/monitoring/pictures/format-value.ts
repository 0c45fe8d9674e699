const SI = ['', 'k', 'M', 'G', 'T'];

/** A value as a panel shows it, by Grafana's name of its unit. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  if (unit === 's') return duration(value);
  if (unit === 'bytes') return `${scaled(value, 1024)}B`;
  if (unit === 'percentunit') return `${short(value * 100)} %`;
  if (unit === 'reqps') return `${scaled(value, 1000)}/s`;
  if (unit === 'bool_yes_no') return value === 0 ? 'no' : 'yes';
  return scaled(value, 1000);
}

function duration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0';
  if (size < 1) return `${short(seconds * 1000)} ms`;
  if (size < 120) return `${short(seconds)} s`;
  if (size < 7200) return `${short(seconds / 60)} min`;
  return size < 172_800 ? `${short(seconds / 3600)} h` : `${short(seconds / 86_400)} d`;
}

function scaled(value: number, base: number): string {
  const power = value === 0 ? 0 : Math.max(0, Math.floor(Math.log(Math.abs(value)) / Math.log(base) + 1e-9));
  const step = Math.min(power, SI.length - 1);
  return `${short(value / base ** step)}${step === 0 ? '' : ` ${SI[step]}`}`;
}

/** Three figures at most. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
