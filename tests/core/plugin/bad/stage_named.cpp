// A stage of any name (STAGE_NAME), with what it needs (STAGE_NEEDS) and writes (STAGE_WRITES), and
// an integer option (STAGE_OPTION) with its default (STAGE_DEFAULT).
#include <kdex/stage.h>

#ifndef STAGE_NAME
#define STAGE_NAME "named"
#endif
#ifndef STAGE_NEEDS
#define STAGE_NEEDS "definitions/"
#endif
#ifndef STAGE_WRITES
#define STAGE_WRITES "named/"
#endif
#ifndef STAGE_DEFAULT
#define STAGE_DEFAULT "1"
#endif

#ifndef STAGE_OPTION
#define STAGE_OPTION "n"
#endif

struct NamedStage : kdex::Stage {
  kdex::StageInfo info() const override {
    return {.name = STAGE_NAME,
            .needs = {STAGE_NEEDS},
            .writes = {STAGE_WRITES},
            .options = {{.key = STAGE_OPTION,
                         .type = kdex::Option::Type::integer,
                         .default_value = STAGE_DEFAULT}}};
  }
  kdex::StageResult run(const kdex::StageContext&) const override { return {}; }
};

KDEX_STAGE(NamedStage)
