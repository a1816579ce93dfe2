/* Plays a tape over rows of doubles, tile by tile in the cache.
 *
 * One switch an operation and tile; each operation is a plain loop that the compiler turns into
 * vector instructions. Compiled without contraction of products and sums, so that every result is
 * NumPy's to the bit. The codes stand in the order of `CODES` in tape.py.
 */
#include <stdint.h>

#define TILE 256

typedef struct {
  int32_t code, to, a, b;
  double number;
} Operation;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

/* A result may be written over an operand, element by element: there is nothing to check. */
#define EACH _Pragma("GCC ivdep") for (int i = 0; i < length; i++)
#define BINARY(vv, vn)                                                                             \
  case __COUNTER__ - FIRST: EACH { const double x = a[i], y = b[i]; to[i] = vv; } break;           \
  case __COUNTER__ - FIRST: EACH { const double x = a[i], y = n; to[i] = vn; } break;
#define TURNED(nv)                                                                                 \
  case __COUNTER__ - FIRST: EACH { const double x = n, y = a[i]; to[i] = nv; } break;

/* NumPy's maximum and minimum pass a number that is none on, whichever side it is on. */
#define LARGER (x != x ? x : (x > y ? x : y))
#define SMALLER (x != x ? x : (x < y ? x : y))
#define TRUTH(condition) ((condition) ? 1.0 : 0.0)

enum { FIRST = __COUNTER__ + 1 };

static inline __attribute__((always_inline)) void
play(const Operation *tape, const int count, void *const *rows, const int length)
{
  for (int k = 0; k < count; k++) {
    const Operation o = tape[k];
    double *const to = (double *)rows[o.to];
    const double *const a = (const double *)rows[o.a];
    const double *const b = (const double *)rows[o.b];
    const double n = o.number;
    switch (o.code) {
      BINARY(x + y, x + y)
      BINARY(x - y, x - y)
      TURNED(x - y)
      BINARY(x * y, x * y)
      BINARY(x / y, x / y)
      TURNED(x / y)
      BINARY(LARGER, LARGER)
      BINARY(SMALLER, SMALLER)
      BINARY(TRUTH(x < y), TRUTH(x < y))
      TURNED(TRUTH(x < y))
      BINARY(TRUTH(x <= y), TRUTH(x <= y))
      TURNED(TRUTH(x <= y))
      BINARY(TRUTH(x == y), TRUTH(x == y))
      BINARY(TRUTH(x != y), TRUTH(x != y))
      BINARY(TRUTH(x != 0.0 && y != 0.0), TRUTH(x != 0.0 && y != 0.0))
      BINARY(TRUTH(x != 0.0 || y != 0.0), TRUTH(x != 0.0 || y != 0.0))
      case __COUNTER__ - FIRST: {
        const double *const c = (const double *)rows[(int)n];
        EACH to[i] = a[i] != 0.0 ? b[i] : c[i];
      } break;
      case __COUNTER__ - FIRST: EACH to[i] = a[i]; break;
      case __COUNTER__ - FIRST: EACH to[i] = n; break;
      case __COUNTER__ - FIRST: {
        float *const f = (float *)rows[o.to];
        EACH f[i] = (float)a[i];
      } break;
      case __COUNTER__ - FIRST: {
        uint8_t *const f = (uint8_t *)rows[o.to];
        EACH f[i] = a[i] != 0.0;
      } break;
      case __COUNTER__ - FIRST: {
        int64_t found = 0;
        EACH found += a[i] != 0.0;
        *(int64_t *)rows[o.to] += found;
      } break;
      case __COUNTER__ - FIRST: {
        const uint8_t *const f = (const uint8_t *)rows[o.a];
        EACH to[i] = (double)f[i];
      } break;
    }
  }
}

/* A tape with its outside rows.
 *
 * starts   where they begin; each is moved along with the draws
 * sizes    bytes of one value of each; 0 for a count, which is one number
 * rows     room for pointers: registers, then outside rows
 */
typedef struct {
  const Operation *tape;
  void *const *starts;
  const int32_t *sizes;
  void **rows;
  int32_t count, registers, outside, unused;
} Part;

/* Plays every tape on a tile before the next tile: drivers that they share stay in the cache.
 *
 * spare    TILE doubles a register, as many as the tape with most has
 */
FOR_EVERY_PROCESSOR
void riskmc_play(const Part *parts, const int number, double *spare, const int64_t draws)
{
  for (const Part *p = parts; p < parts + number; p++)
    for (int r = 0; r < p->registers; r++) p->rows[r] = spare + (int64_t)r * TILE;
  for (int64_t done = 0; done < draws; done += TILE)
    for (const Part *p = parts; p < parts + number; p++) {
      void **const outside = p->rows + p->registers;
      for (int j = 0; j < p->outside; j++) outside[j] = (char *)p->starts[j] + done * p->sizes[j];
      if (done + TILE <= draws)
        play(p->tape, p->count, p->rows, TILE);
      else
        play(p->tape, p->count, p->rows, (int)(draws - done));
    }
}
