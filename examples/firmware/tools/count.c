/* A plugin for QEMU that counts the instructions between two markers, each time; see ../run.sh.

   Debian's QEMU is built for plugins but ships no header for them: the few entry points are declared here (API version 1,
   QEMU 4.2 and later). The arguments are begin=OPCODE, end=OPCODE, in hexadecimal as the target's little-endian words, and
   out=FILE, which gets one number a line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed, started, begin_opcode, end_opcode;
static FILE *out;

static void plain(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    executed++;
}

static void begin(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    started = ++executed;
}

static void end(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    fprintf(out, "%" PRIu64 "\n", executed++ - started);
}

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        size_t size = qemu_plugin_insn_size(instruction);
        uint64_t opcode = 0;
        memcpy(&opcode, qemu_plugin_insn_data(instruction), size < 8 ? size : 8);
        void (*count)(unsigned, void *) = opcode == begin_opcode ? begin : opcode == end_opcode ? end : plain;
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, count, 0, NULL);
    }
}

static void at_exit(plugin_id id, void *data) {
    (void)id, (void)data;
    fclose(out);
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "begin=", 6)) begin_opcode = strtoull(argv[i] + 6, NULL, 16);
        if (!strncmp(argv[i], "end=", 4)) end_opcode = strtoull(argv[i] + 4, NULL, 16);
        if (!strncmp(argv[i], "out=", 4)) out = fopen(argv[i] + 4, "w");
    }
    if (!out) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
