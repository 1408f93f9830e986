/* SPDX-License-Identifier: Apache-2.0 */
/* The signs of this page, drawn for it: strokes on a field of 24 x 24. */

export const icons: Record<string, string> = {
  card: 'M3 6.5h18v11H3zM3 10h18M6 14.5h4',
  code: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM17.5 17.5H20V20h-2.5zM20 14v1M14 20v-1',
  void: 'M5 4h14v16l-3-2-2.5 2-3-2L7.5 20 5 18.2zM9 8.5l6 6M15 8.5l-6 6',
  refund: 'M4 9h11a5 5 0 0 1 0 10H9M4 9l4-4M4 9l4 4',
  preauth: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2.5',
  query: 'M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM15.5 15.5L20.5 20.5',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  member: 'M12 4a3.8 3.8 0 1 1 0 7.6A3.8 3.8 0 1 1 12 4zM4.5 20c.6-4 3.4-6 7.5-6s6.9 2 7.5 6',
  campaign: 'M4 10v4l9 4V6zM13 8.5c3.5 0 3.5 7 0 7M7 15.5l1 4.5h2.5l-1-3.8M18 6l2-2M18.5 12H21M18 18l2 2',
  figures: 'M4 20h16M6.5 20v-7M11 20V5M15.5 20v-10M19.5 20v-4',
  manage: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM16.5 13v6M13.5 16h6',
  settings:
    'M12 9a3 3 0 1 1 0 6a3 3 0 1 1 0-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1',
  lock: 'M5.5 11h13v9h-13zM8 11V8a4 4 0 0 1 8 0v3',
  signin: 'M10 4h9v16h-9M4 12h10M10.5 8.5L14 12l-3.5 3.5',
  signout: 'M14 4H5v16h9M10 12h10M16.5 8.5L20 12l-3.5 3.5',
  info: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17zM12 11v5.5M12 7.5v.5',
  help: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17zM9.5 10a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.5v.5',
  back: 'M15 5l-7 7 7 7',
  fresh: 'M19 5v5h-5M18.5 10a7 7 0 1 0 .5 4',
  backspace: 'M9 5.5h12v13H9L3 12zM12 9.5l5 5M17 9.5l-5 5',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  warn: 'M12 4L21.5 20h-19zM12 10v5M12 17.5v.3',
  operator: 'M12 5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7zM5 20c.5-3.8 3.2-5.5 7-5.5s6.5 1.7 7 5.5',
  unsent: 'M12 19V6M6.5 11L12 5.5 17.5 11',
  tray: 'M3 8h13v9H3zM3 11h13M18 6.5h3v13h-9V19',
  shield: 'M12 3l7.5 3v5.5c0 4.5-3 7.8-7.5 9.5-4.5-1.7-7.5-5-7.5-9.5V6zM9 12l2.2 2.2L15.2 10',
};
