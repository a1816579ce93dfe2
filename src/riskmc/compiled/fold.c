/* Sums and counts of rows of draws, as NumPy makes them, in one pass a row.
 *
 * Sums are added up pairwise in NumPy's own order, so that they are the same to the bit; compiled
 * without contraction of products and sums. Nothing here needs a number that is not finite: rows
 * with failed draws are NumPy's.
 */
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

/* At most so many values are added up in eight running sums. */
#define STRETCH 128

INLINE double stretch(const double *x, const int64_t n)
{
  if (n < 8) {
    double sum = -0.0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum;
  }
  double r[8];
  for (int j = 0; j < 8; j++) r[j] = x[j];
  int64_t i = 8;
  for (; i < n - n % 8; i += 8)
    for (int j = 0; j < 8; j++) r[j] += x[i + j];
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; i++) sum += x[i];
  return sum;
}

/* Halves that are whole eights, down to a stretch; what waits is kept on a stack. */
INLINE double pairwise(const double *x, const int64_t n)
{
  struct { int64_t from, n; double left; int state; } stack[64];
  int top = 0;
  double sum = 0.0;
  stack[0].from = 0, stack[0].n = n, stack[0].state = 0;
  while (top >= 0) {
    const int64_t from = stack[top].from, m = stack[top].n;
    int64_t half = m / 2;
    half -= half % 8;
    if (m <= STRETCH) {
      sum = stretch(x + from, m);
      top--;
    } else if (stack[top].state == 0) {
      stack[top].state = 1;
      top++;
      stack[top].from = from, stack[top].n = half, stack[top].state = 0;
    } else if (stack[top].state == 1) {
      stack[top].left = sum;
      stack[top].state = 2;
      top++;
      stack[top].from = from + half, stack[top].n = m - half, stack[top].state = 0;
    } else {
      sum = stack[top].left + sum;
      top--;
    }
  }
  return sum;
}

/* Mean and centred sums of squares and cubes of each row; `spare` has room for two rows. */
FOR_EVERY_PROCESSOR
void riskmc_moments(const double *x, const int64_t rows, const int64_t n, double *mean,
                    double *squares, double *cubes, double *spare)
{
  double *moved = spare, *powers = spare + n;
  for (int64_t row = 0; row < rows; row++, x += n) {
    const double centre = pairwise(x, n) / (double)n;
    for (int64_t i = 0; i < n; i++) {
      moved[i] = x[i] - centre;
      powers[i] = moved[i] * moved[i];
    }
    mean[row] = centre;
    squares[row] = pairwise(powers, n);
    for (int64_t i = 0; i < n; i++) powers[i] *= moved[i];
    cubes[row] = pairwise(powers, n);
  }
}

/* How many values of each row are not 0. */
FOR_EVERY_PROCESSOR
void riskmc_nonzero(const double *x, const int64_t rows, const int64_t n, int64_t *counts)
{
  for (int64_t row = 0; row < rows; row++, x += n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += x[i] != 0.0;
    counts[row] = count;
  }
}

/* How many flags of each row are set; a flag is a byte, 0 or 1. */
FOR_EVERY_PROCESSOR
void riskmc_set(const uint8_t *x, const int64_t rows, const int64_t n, int64_t *counts)
{
  for (int64_t row = 0; row < rows; row++, x += n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += x[i];
    counts[row] = count;
  }
}

/* Counts into middle bins the values of each row, and gives the places of those that lie beyond.
 *
 * per_width, start  by row: 1 / width of a bin, and where the first middle bin starts, in widths
 * atom, atom_bin    by row: a value counted by itself (NaN: none), and the bin that holds it
 * bins              by row, `slots` of them: `wing` bins, `core` middle ones, ..., then those on
 *                   the atom, at `on`, and behind it those above it in its bin
 */
FOR_EVERY_PROCESSOR
int64_t riskmc_bins(const double *x, const int64_t rows, const int64_t n, const double *per_width,
                    const double *start, const double *atom, const int64_t *atom_bin,
                    uint16_t *bins, const int64_t slots, const int64_t wing, const int64_t core,
                    const int64_t on, int64_t *far, int32_t *spare)
{
  int64_t beyond = 0;
  for (int64_t row = 0; row < rows; row++, x += n, bins += slots) {
    const double by = per_width[row], from = start[row], whole = (double)core;
    for (int64_t i = 0; i < n; i++) {
      const double place = x[i] * by - from;
      spare[i] = place >= 0.0 && place < whole ? (int32_t)place : -1;
    }
    const double value = atom[row];
    if (value == value) {
      const int32_t around = (int32_t)(atom_bin[row] - wing);
      for (int64_t i = 0; i < n; i++) {
        if (spare[i] == around && spare[i] >= 0 && x[i] > value) spare[i] = (int32_t)(on + 1 - wing);
        if (spare[i] >= 0 && x[i] == value) spare[i] = (int32_t)(on - wing);
      }
    }
    for (int64_t i = 0; i < n; i++) {
      if (spare[i] < 0)
        far[beyond++] = row * n + i;
      else
        bins[wing + spare[i]]++;
    }
  }
  return beyond;
}
