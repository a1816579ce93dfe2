/* Says of which sources the library was made: the build hands their digest in. */
#ifndef RISKMC_SOURCES
#define RISKMC_SOURCES ""
#endif

const char *
riskmc_sources(void)
{
  return RISKMC_SOURCES;
}
