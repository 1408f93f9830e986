/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen when an alert was raised, in words: the members of its event, each with a name and, where it is one, as a moment. */
import { spoken } from '../api';
import { language, moment } from '../words';

const NAMES: Record<string, [string, string]> = {
  was: ['原设备', 'was'], now: ['接替设备', 'now'], unsent: ['未上送交易', 'unsent payments'],
  model: ['型号', 'model'], image: ['软件版本', 'software version'], wanted: ['应为版本', 'should be version'], stage: ['推送阶段（%）', 'stage (%)'],
  metres: ['相距（米）', 'metres away'], last_payment: ['最后一笔交易', 'last payment'], until: ['期限', 'until'], ends: ['到期', 'ends'], since: ['自', 'since'],
  what: ['名称', 'what'],
};
const MOMENTS = ['last_payment', 'until', 'ends', 'since'];
/* Said by the alert's own text, or words for programs. */
const SILENT = ['reason', 'kind', 'part', 'state', 'text_zh', 'text_en'];

/* "software version 1 · should be version 2"; empty when nothing was seen. What is no object is shown as it came. */
export function seen(detail: string): string {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(detail || '{}') as Record<string, unknown>;
  } catch {
    return detail;
  }
  const one = language.value === 'zh' ? 0 : 1;
  const pairs = Object.entries(members)
    .filter(([name]) => !SILENT.includes(name))
    .map(([name, value]) => `${NAMES[name]?.[one] ?? name} ${MOMENTS.includes(name) && typeof value === 'number' ? moment(value) : String(value)}`);
  return [spoken(members), ...pairs].filter(Boolean).join(' · ');
}
