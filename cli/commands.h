/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The commands of `tongbao`. Each gets its own arguments: argv[0] is the command's name
 * ("inspect"), what follows are its options. It returns the exit status: 0 done, 1 failed or the
 * input is bad, 2 the command line is wrong.
 */

/* `tongbao inspect iso8583|tlv|track|qr|pinblock`: what stands in a message, as JSON. */
int inspect_main(int argc, char **argv);

/* `tongbao bench codec`: argv[0] is "codec". */
int bench_codec_main(int argc, char **argv);
