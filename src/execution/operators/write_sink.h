// The sink of df.write: one task writer per Spark partition, committed all together.
#pragma once

#include <memory>

#include "execution/operator.h"
#include "storage/data_source.h"

namespace centella {

// The pipeline must keep partitions in order (one driver a partition). The caller commits the job when the query is over.
std::shared_ptr<Sink> MakeWriteSink(std::shared_ptr<WriteJob> job, bool in_folders);

}  // namespace centella
