/* Levels of two-compartment patients under steps of an infusion rate, as fast as this machine can: the limit that benchmarks compare with.
   Parameters come in as clearances and volumes; levels go out as out[time][patient]. Patients are taken in blocks that stay in the cache. */
#include <math.h>

#define BLOCK 256

struct modes { double alpha[BLOCK], beta[BLOCK], a[BLOCK], b[BLOCK]; };

static void modes_of(long first, long n, const double *restrict cl, const double *restrict v1, const double *restrict q,
                     const double *restrict v2, struct modes *restrict m) {
    for (long i = 0; i < n; i++) {
        double k10 = cl[first + i] / v1[first + i], k12 = q[first + i] / v1[first + i], k21 = q[first + i] / v2[first + i];
        double sum = k10 + k12 + k21, apart = k10 + k12 - k21, root = sqrt(apart * apart + 4 * k12 * k21);
        double alpha = 0.5 * (sum + root), beta = k10 * k21 / alpha;
        m->alpha[i] = alpha;
        m->beta[i] = beta;
        m->a[i] = (alpha - k21) / (root * v1[first + i]);
        m->b[i] = (k21 - beta) / (root * v1[first + i]);
    }
}

/* One grid for all: `rows` equal steps within each of `steps` rates. Exponentials once, then one multiplication a mode and level. */
void shared(long begin, long end, long n, long rows, long steps, double dt, const double *restrict rate, const double *restrict cl,
            const double *restrict v1, const double *restrict q, const double *restrict v2, double *restrict out) {
    struct modes m;
    double e[BLOCK], f[BLOCK], above[BLOCK], below[BLOCK], was_a[BLOCK], was_b[BLOCK], held[BLOCK];
    for (long first = begin; first < end; first += BLOCK) {
        long k = end - first < BLOCK ? end - first : BLOCK;
        modes_of(first, k, cl, v1, q, v2, &m);
        for (long i = 0; i < k; i++) {
            e[i] = exp(-m.alpha[i] * dt);
            f[i] = exp(-m.beta[i] * dt);
            above[i] = below[i] = was_a[i] = was_b[i] = 0;
        }
        for (long s = 0; s < steps; s++) {
            for (long i = 0; i < k; i++) {
                double now_a = m.a[i] * rate[s] / m.alpha[i], now_b = m.b[i] * rate[s] / m.beta[i];
                above[i] += was_a[i] - now_a;
                below[i] += was_b[i] - now_b;
                was_a[i] = now_a;
                was_b[i] = now_b;
                held[i] = now_a + now_b;
            }
            long r = 0;
            for (; r + 4 <= rows; r += 4) {
                double *o0 = out + (s * rows + r) * n + first, *o1 = o0 + n, *o2 = o1 + n, *o3 = o2 + n;
#pragma GCC ivdep
                for (long i = 0; i < k; i++) {
                    double x = above[i], y = below[i];
                    x *= e[i], y *= f[i], o0[i] = held[i] + x + y;
                    x *= e[i], y *= f[i], o1[i] = held[i] + x + y;
                    x *= e[i], y *= f[i], o2[i] = held[i] + x + y;
                    x *= e[i], y *= f[i], o3[i] = held[i] + x + y;
                    above[i] = x, below[i] = y;
                }
            }
            for (; r < rows; r++) {
                double *o = out + (s * rows + r) * n + first;
                for (long i = 0; i < k; i++) {
                    above[i] *= e[i];
                    below[i] *= f[i];
                    o[i] = held[i] + above[i] + below[i];
                }
            }
        }
    }
}

/* Times of its own for each patient after one bolus: two exponentials a level. */
void own(long n, long rows, const double *restrict times, double dose, const double *restrict cl, const double *restrict v1,
         const double *restrict q, const double *restrict v2, double *restrict out) {
    struct modes m;
    for (long first = 0; first < n; first += BLOCK) {
        long k = n - first < BLOCK ? n - first : BLOCK;
        modes_of(first, k, cl, v1, q, v2, &m);
        for (long r = 0; r < rows; r++) {
            const double *t = times + r * n + first;
            double *o = out + r * n + first;
            for (long i = 0; i < k; i++)
                o[i] = dose * (m.a[i] * exp(-m.alpha[i] * t[i]) + m.b[i] * exp(-m.beta[i] * t[i]));
        }
    }
}
