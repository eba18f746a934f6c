/* Runs what src/lib.rs exports; prints the sum for a look, and fails unless the checks hold. */
#include <stdio.h>

double evaluate(double scale);
unsigned check(void);

/* The host's core was compiled to unwind; nothing here does. */
void rust_eh_personality(void) {}

int main(void) {
    double sum = evaluate(1.0);
    unsigned failed = check();
    printf("sum %.17g, %u checks failed\n", sum, failed);
    return !(sum > 0.0) || failed != 0;
}
