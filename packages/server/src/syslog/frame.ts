/** One line for a syslog collector: RFC 5424, with octet counting (RFC 6587, 3.4.1; RFC 5425, 4.3). */

export interface SyslogLine {
  /** 0 to 23. */
  readonly facility: number;
  /** On the CEF scale: 0 to 10. */
  readonly severity: number;
  readonly at: number;
  readonly hostName: string;
  /** The kind of line. */
  readonly messageId: string;
  /** One line of text. */
  readonly text: string;
}

export function syslogFrame(line: SyslogLine): Buffer {
  const priority = line.facility * 8 + syslogSeverity(line.severity);
  const head = [
    `<${priority}>1`,
    new Date(line.at).toISOString(),
    word(line.hostName, 255),
    'cordon',
    '-',
    word(line.messageId, 32),
    '-',
  ];
  const message = Buffer.from(`${head.join(' ')} ${line.text}`, 'utf8');
  return Buffer.concat([Buffer.from(`${message.length} `, 'ascii'), message]);
}

/** Critical, warning, notice, informational. */
function syslogSeverity(severity: number): number {
  if (severity >= 8) return 2;
  if (severity >= 6) return 4;
  return severity >= 3 ? 5 : 6;
}

/** The header's fields are printable ASCII; an empty one is a dash. */
function word(text: string, longest: number): string {
  return text.replaceAll(/[^!-~]/g, '').slice(0, longest) || '-';
}
