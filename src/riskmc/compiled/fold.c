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

/* Eight running sums, and how many stretches there may be. */
typedef double Eight __attribute__((vector_size(64), aligned(8)));
#define MOST 1024

#define EIGHT(x) (*(const Eight *)(x))
#define JOINED(r) (((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7])))

/* Halves that are whole eights, down to stretches; then pairs of their sums, joined in order. */
typedef struct {
  int count, joins;
  int32_t ends[MOST];
  int16_t into[MOST], from[MOST];
} Halves;

static void halve(Halves *h, const int64_t from, const int64_t n)
{
  if (n <= STRETCH) {
    h->ends[h->count++] = (int32_t)(from + n);
    return;
  }
  int64_t half = n / 2;
  half -= half % 8;
  const int left = h->count;
  halve(h, from, half);
  const int right = h->count;
  halve(h, from + half, n - half);
  h->into[h->joins] = (int16_t)left;
  h->from[h->joins++] = (int16_t)right;
}

static void halves_of(Halves *h, const int64_t n)
{
  h->count = h->joins = 0;
  halve(h, 0, n);
}

INLINE double added(const Halves *h, double *sums)
{
  for (int k = 0; k < h->joins; k++) sums[h->into[k]] += sums[h->from[k]];
  return sums[0];
}

/* Adds up COUNT functions of `x` (doubles or Eights, at i) into sums[0], sums[1], ...
 *
 * MADE works them out as f[0], f[1], ... from an X of type T.
 */
#define ADD_UP(COUNT, MADE)                                                                        \
  do {                                                                                             \
    int64_t from = 0;                                                                              \
    for (int s = 0; s < h->count; s++) {                                                           \
      const int64_t end = h->ends[s], whole = from + (end - from) / 8 * 8;                         \
      double sum[COUNT];                                                                           \
      if (whole > from) {                                                                          \
        Eight r[COUNT];                                                                            \
        {                                                                                          \
          typedef Eight T;                                                                         \
          Eight f[COUNT];                                                                          \
          const Eight X = EIGHT(x + from);                                                         \
          MADE;                                                                                    \
          for (int c = 0; c < COUNT; c++) r[c] = f[c];                                             \
        }                                                                                          \
        for (int64_t i = from + 8; i < whole; i += 8) {                                            \
          typedef Eight T;                                                                         \
          Eight f[COUNT];                                                                          \
          const Eight X = EIGHT(x + i);                                                            \
          MADE;                                                                                    \
          for (int c = 0; c < COUNT; c++) r[c] += f[c];                                            \
        }                                                                                          \
        for (int c = 0; c < COUNT; c++) sum[c] = JOINED(r[c]);                                     \
      } else {                                                                                     \
        for (int c = 0; c < COUNT; c++) sum[c] = -0.0;                                             \
      }                                                                                            \
      for (int64_t i = whole; i < end; i++) {                                                      \
        typedef double T;                                                                          \
        double f[COUNT];                                                                           \
        const double X = x[i];                                                                     \
        MADE;                                                                                      \
        for (int c = 0; c < COUNT; c++) sum[c] += f[c];                                            \
      }                                                                                            \
      for (int c = 0; c < COUNT; c++) sums[c][s] = sum[c];                                         \
      from = end;                                                                                  \
    }                                                                                              \
  } while (0)

INLINE double mean_of(const Halves *h, const double *x, const int64_t n)
{
  double sums[1][MOST];
  ADD_UP(1, f[0] = X);
  return added(h, sums[0]) / (double)n;
}

/* Mean, and centred sums of squares and cubes. */
INLINE void moments(const Halves *h, const double *x, const int64_t n, double *mean,
                    double *squares, double *cubes)
{
  const double centre = mean_of(h, x, n);
  double sums[2][MOST];
  ADD_UP(2, const T moved = X - centre; f[0] = moved * moved; f[1] = f[0] * moved);
  *mean = centre;
  *squares = added(h, sums[0]);
  *cubes = added(h, sums[1]);
}

/* Mean q of squares about a centre, and centred sums of q², of q and x, and of q³. */
INLINE void spread(const Halves *h, const double *x, const int64_t n, const double mean,
                   const double centre, double *q, double *qq, double *aq, double *qqq)
{
  double sums[3][MOST];
  ADD_UP(1, const T moved = X - centre; f[0] = moved * moved);
  const double middle = added(h, sums[0]) / (double)n;
  ADD_UP(3, const T moved = X - centre; const T away = moved * moved - middle;
         f[0] = away * away; f[1] = (X - mean) * away; f[2] = f[0] * away);
  *q = middle;
  *qq = added(h, sums[0]);
  *aq = added(h, sums[1]);
  *qqq = added(h, sums[2]);
}

/* Mean and centred sums of squares and cubes of each row. */
FOR_EVERY_PROCESSOR
void riskmc_moments(const double *x, const int64_t rows, const int64_t n, double *mean,
                    double *squares, double *cubes)
{
  Halves h;
  halves_of(&h, n);
  for (int64_t row = 0; row < rows; row++, x += n)
    moments(&h, x, n, mean + row, squares + row, cubes + row);
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

/* Sums, squares and products by unit of how many draws lie below a level, and how many on it. */
INLINE void by_unit(const double *x, const int64_t n, const int64_t unit, const double level,
                    int64_t *found)
{
  int64_t below = 0, below_squared = 0, tied = 0, tied_squared = 0, below_tied = 0;
  for (int64_t from = 0; from < n; from += unit) {
    int64_t b = 0, t = 0;
    for (int64_t i = from; i < from + unit; i++) b += x[i] < level, t += x[i] == level;
    below += b, below_squared += b * b;
    tied += t, tied_squared += t * t, below_tied += b * t;
  }
  found[0] = below, found[1] = below_squared;
  found[2] = tied, found[3] = tied_squared, found[4] = below_tied;
}

/* The same of rows, each at a level: five numbers each. A unit is a whole part of the n draws. */
FOR_EVERY_PROCESSOR
void riskmc_by_unit(const double *x, const int64_t n, const int64_t unit, const int64_t count,
                    const int64_t *rows, const double *levels, int64_t *found)
{
  for (int64_t k = 0; k < count; k++) {
    if (unit == 2)  /* pairs: most runs that have units */
      by_unit(x + rows[k] * n, n, 2, levels[k], found + 5 * k);
    else
      by_unit(x + rows[k] * n, n, unit, levels[k], found + 5 * k);
  }
}

/* How the histograms of a row lie.
 *
 * slots            in all: `wing` bins, `core` middle ones, `wing` bins, and from `on` on those on
 *                  the atom and those above it in its bin
 */
typedef struct { int64_t slots, wing, core, on; } Bins;

/* Counts the values of a row into middle bins, and gives the places of those that lie beyond.
 *
 * per_width, start  1 / width of a bin, and where the first middle bin starts, in widths
 * atom, atom_bin    a value counted by itself (NaN: none), and the bin that holds it
 */
INLINE int64_t bin(const double *x, const int64_t n, const double per_width, const double start,
                   const double atom, const int64_t atom_bin, uint16_t *bins, const Bins *b,
                   int32_t *far, int32_t *spare)
{
  const double whole = (double)b->core;
  for (int64_t i = 0; i < n; i++) {
    const double place = x[i] * per_width - start;
    spare[i] = place >= 0.0 && place < whole ? (int32_t)place : -1;
  }
  if (atom == atom) {
    const int32_t next = (int32_t)(atom_bin - b->wing), on = (int32_t)(b->on - b->wing);
    for (int64_t i = 0; i < n; i++) {
      if (spare[i] == next && spare[i] >= 0 && x[i] > atom) spare[i] = on + 1;
      if (spare[i] >= 0 && x[i] == atom) spare[i] = on;
    }
  }
  int64_t beyond = 0;
  for (int64_t i = 0; i < n; i++) {
    if (spare[i] < 0)
      far[beyond++] = (int32_t)i;
    else
      bins[b->wing + spare[i]]++;
  }
  return beyond;
}

/* The same of each row; by row what `bin` takes, and the places counted through. */
FOR_EVERY_PROCESSOR
int64_t riskmc_bins(const double *x, const int64_t rows, const int64_t n, const double *per_width,
                    const double *start, const double *atom, const int64_t *atom_bin,
                    uint16_t *bins, const Bins *b, int64_t *far, int32_t *spare)
{
  int64_t beyond = 0;
  for (int64_t row = 0; row < rows; row++, x += n, bins += b->slots) {
    const int64_t more = bin(x, n, per_width[row], start[row], atom[row], atom_bin[row], bins, b,
                             spare + n, spare);
    for (int64_t i = 0; i < more; i++) far[beyond++] = row * n + spare[n + i];
  }
  return beyond;
}

/* A whole block of cases: sums, counts and extremes of their rows, as the functions above.
 *
 * Arrays lie case by case. The first `sketched` rows have histograms; `horizon` of the rows have
 * `tails` excesses over a threshold each, and a spread.
 */
typedef struct {
  int64_t rows, sketched, horizon, tails;
  Bins bins_lie;
  const int64_t *horizon_rows, *atom_bin;
  const double *per_width, *start, *atom, *threshold, *centre;
  int64_t *nonzero;
  double *least, *most;
  double *a, *aa, *aaa;
  double *spread_a, *q, *qq, *aq, *qqq;
  uint16_t *bins;
} Fold;

/* Draws of a case: rows of money, those of another regime to be taken off (or none), the case's
 * number, those of the two that are compared (its own, where none is), and its first row.
 */
typedef struct {
  const double *x, *y;
  int64_t number, own, other, first;
} Case;

/* Sums, counts, extremes and histogram of a row; returns how many values lie beyond the middle. */
INLINE int64_t fold_row(const Fold *f, const Halves *h, const int64_t number, const int64_t r,
                        const double *x, const int64_t n, int32_t *far, int32_t *spare)
{
  const int64_t at = number * f->rows + r;
  const int64_t sums = number * (f->rows + f->horizon * f->tails) + r;
  double least = f->least[at], most = f->most[at];
  int64_t nonzero = 0;
  for (int64_t i = 0; i < n; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
    nonzero += x[i] != 0.0;
  }
  f->least[at] = least, f->most[at] = most, f->nonzero[at] += nonzero;
  moments(h, x, n, f->a + sums, f->aa + sums, f->aaa + sums);
  if (r >= f->sketched) return 0;
  const int64_t s = number * f->sketched + r;
  return bin(x, n, f->per_width[s], f->start[s], f->atom[s], f->atom_bin[s],
             f->bins + s * f->bins_lie.slots, &f->bins_lie, far, spare);
}

/* The spread of a row over the horizon, the j-th of these, and its excesses over thresholds. */
INLINE void fold_horizon(const Fold *f, const Halves *h, const Case *c, const int64_t j,
                         const double *x, const double *own, const double *other,
                         const int64_t n, double *excess)
{
  const int64_t at = c->number * f->horizon + j;
  const int64_t sums = c->number * (f->rows + f->horizon * f->tails);
  const double mean = f->spread_a[at] = f->a[sums + f->horizon_rows[j]];
  spread(h, x, n, mean, f->centre[at], f->q + at, f->qq + at, f->aq + at, f->qqq + at);
  for (int64_t t = j * f->tails; t < (j + 1) * f->tails; t++) {
    const double from = f->threshold[c->own * f->horizon * f->tails + t];
    for (int64_t i = 0; i < n; i++) excess[i] = own[i] - from > 0.0 ? own[i] - from : 0.0;
    if (other) {
      const double less = f->threshold[c->other * f->horizon * f->tails + t];
      for (int64_t i = 0; i < n; i++)
        excess[i] = excess[i] - (other[i] - less > 0.0 ? other[i] - less : 0.0);
    }
    const int64_t to = sums + f->rows + t;
    moments(h, excess, n, f->a + to, f->aa + to, f->aaa + to);
  }
}

/* Folds cases, and gives how many: it leaves off where there might be no room for what is far.
 *
 * far        the row of each value that lies beyond the middle, counted through, and the value
 * rows       room for two rows of doubles; `spare`: for two of whole numbers
 */
FOR_EVERY_PROCESSOR
int64_t riskmc_fold(const Fold *f, const Case *cases, const int64_t count, const int64_t n,
                    int64_t *far, double *far_value, const int64_t room, int64_t *beyond,
                    double *rows, int32_t *spare)
{
  Halves h;
  halves_of(&h, n);
  *beyond = 0;
  for (int64_t k = 0; k < count; k++) {
    const Case c = cases[k];
    if (*beyond + f->sketched * n > room) return k;
    int64_t j = 0;
    for (int64_t r = 0; r < f->rows; r++) {
      const int over_horizon = j < f->horizon && f->horizon_rows[j] == r;
      j += over_horizon;
      if (r < c.first) continue;
      const double *own = c.x + r * n, *other = c.y ? c.y + r * n : 0, *x = own;
      if (other) {
        for (int64_t i = 0; i < n; i++) rows[i] = own[i] - other[i];
        x = rows;
      }
      const int64_t more = fold_row(f, &h, c.number, r, x, n, spare + n, spare);
      for (int64_t i = 0; i < more; i++, ++*beyond) {
        far[*beyond] = c.number * f->sketched + r;
        far_value[*beyond] = x[spare[n + i]];
      }
      if (over_horizon) fold_horizon(f, &h, &c, j - 1, x, own, other, n, rows + n);
    }
  }
  return count;
}
