/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_place: backups in a directory: of a USB stick, of a telephone that is mounted (MTP), or of
 * a disk. For the program only.
 */

#include "lib/base/file_stream.h"
#include "terminal/backup.h"

struct backup_place {
    const char *directory; /* NULL: there is none, and the ports stay empty */
    const char *database;  /* of terminal.db */
    struct file_stream writing;
};

/* `place` must outlive the terminal. */
void backup_place_ports(struct backup_place *place, struct backup_ports *out);
