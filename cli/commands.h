/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The commands of `tongbao`. Each gets its own arguments: argv[0] is the command's name
 * ("inspect"), what follows are its options. It returns the exit status: 0 done, 1 failed or the
 * input is bad, 2 the command line is wrong.
 */

/* `tongbao demo`: everything on this machine. */
int demo_main(int argc, char **argv);

/* `tongbao admin COMMAND`: merchants, terminals, keys, books, audit. */
int admin_main(int argc, char **argv);

/* `tongbao inspect iso8583|tlv|track|qr|pinblock|keyblock|dukpt`: what stands in a message, as
 * JSON. */
int inspect_main(int argc, char **argv);

/* `tongbao manual`: the manual of a device or a model, as PDF. */
int manual_main(int argc, char **argv);

/* `tongbao bench codec`: argv[0] is "codec". */
int bench_codec_main(int argc, char **argv);
/* `tongbao bench tap`: argv[0] is "tap"; with --road after it, that. */
int bench_tap_main(int argc, char **argv);
int bench_road_main(int argc, char **argv);

/* `tongbao bench figures`: argv[0] is "figures". */
int bench_figures_main(int argc, char **argv);

/* `tongbao bench fleet`: argv[0] is "fleet". */
int bench_fleet_main(int argc, char **argv);

/* `tongbao bench hsm`: argv[0] is "hsm". */
int bench_hsm_main(int argc, char **argv);
/* `tongbao bench payments`: argv[0] is "payments". */
int bench_payments_main(int argc, char **argv);

/* `tongbao updates`: signs and publishes what terminals are updated from. */
int updates_main(int argc, char **argv);

/* `tongbao policy show|lint|test`: rules for passwords. */
int policy_main(int argc, char **argv);
