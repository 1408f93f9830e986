/* SPDX-License-Identifier: Apache-2.0 */
/* Photos and papers in both consoles: what the host says of them, and how they come and go. */
import { computed } from 'vue';
import { Refusal } from './api';
import type { Site } from './entrance';
import { language } from './words';

/* One that is taken, or, when it has a type, there. */
export interface Upload {
  name: string;
  text_zh: string;
  text_en: string;
  needed: boolean;
  type?: string;
  bytes?: number;
  at?: number;
}

/* The whole file as an address of the page's own, put together from its pieces. */
export async function fetchPaper(site: Site, path: string): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; ; ) {
    const said = await site.api.get<{ type: string; bytes: number; piece: string }>(`${path}?from=${from}`);
    const part = Uint8Array.from(atob(said.piece), (c) => c.charCodeAt(0));
    parts.push(part);
    from += part.length;
    if (from >= said.bytes || part.length === 0) {
      return URL.createObjectURL(new Blob(parts, { type: said.type }));
    }
  }
}

const zh = {
  title: '资料',
  hint: '请上传照片或PDF，每份不超过5MB，文字要看得清。',
  needed: '必需',
  there: (kb: number, at: string) => `已上传，${kb} KB，${at}`,
  missing: '还没有上传',
  send: '选择文件',
  again: '重新上传',
  show: '查看',
  open: '打开PDF',
  refusals: {
    not_picture: '这不是照片或PDF：请上传JPEG、PNG或PDF。',
    too_small: '照片太小，看不清：每边至少480像素。',
    too_large: '文件太大：最多5MB，请重新拍照。',
    no_uploads: '这里不收电子资料，请向工作人员出示原件。',
    no_request: '这个申请已经结束，不再收资料。',
    papers_lack: '缺少必需的资料，上传齐全后才能批准。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Papers',
  hint: 'Send photos or PDFs, 5 MB each at most, sharp enough to be read.',
  needed: 'needed',
  there: (kb, at) => `sent, ${kb} kB, ${at}`,
  missing: 'not sent yet',
  send: 'Choose a file',
  again: 'Send another',
  show: 'Look at it',
  open: 'Open the PDF',
  refusals: {
    not_picture: 'This is no photo and no PDF: send a JPEG, PNG or PDF.',
    too_small: 'The photo is too small to be read: 480 pixels a side at least.',
    too_large: 'The file is too large: 5 MB at most.',
    no_uploads: 'No files are taken here: show the originals to our staff.',
    no_request: 'This request is over: no papers are taken for it any more.',
    papers_lack: 'Papers that it needs are not there: it can be approved when they have been sent.',
  },
};

export const papers = computed(() => (language.value === 'zh' ? zh : en));

/* What is wrong with a paper, or what `otherwise` says of the refusal. */
export const sayPaper = (error: unknown, otherwise: (error: unknown) => string) =>
  (error instanceof Refusal ? papers.value.refusals[error.code] : undefined) ?? otherwise(error);
