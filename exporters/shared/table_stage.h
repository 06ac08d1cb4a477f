// What exporters share: a stage `export-FORM` that writes a dataset's kernels as a table of a form
// or, with the option `table`, holds such a table against them.
#pragma once

#include <string>
#include <vector>

#include <kdex/stage.h>

#include "exporters/shared/table.h"

namespace kdex::exporters {

/// A table that was read.
struct Table {
  std::vector<Row> rows;
  std::string name;  ///< of its part: the model that was taken from it; "" where it has no parts
};

class TableStage : public Stage {
 public:
  StageInfo info() const final;
  void check(const OptionValues& options) const final;
  StageResult run(const StageContext& context) const final;

 protected:
  /// "aiter-shapes"; the stage is called "export-aiter-shapes".
  virtual std::string form() const = 0;
  virtual std::string summary() const = 0;
  virtual std::vector<Option> own_options() const { return {}; }
  virtual void check_own(const OptionValues& options) const { (void)options; }

  /// Adds the table's files, paths below "exports/", to `result`; notes for what it leaves out.
  virtual void write(const StageContext& context, const std::vector<Kernel>& kernels,
                     StageResult& result) const = 0;

  /// Whether tables of the form can be read.
  virtual bool reads() const { return false; }
  /// Throws kdex::Error for a file that is not of the form.
  virtual Table read(const std::string& path, const StageContext& context) const;
  /// The kernels as rows with the sizes that the form has; those that it has no row for are left
  /// out.
  virtual std::vector<Row> rows(const std::vector<Kernel>& kernels,
                                const StageContext& context) const;
  /// Whether the form has sizes of one rank at tp 1 alone.
  virtual bool of_whole_model() const { return false; }

 private:
  StageResult check_table(const StageContext& context, const std::vector<Kernel>& kernels) const;
};

/// The text of a file. Throws kdex::Error where it cannot be read.
std::string text_of_file(const std::string& path);

/// The key of a table's part: `asked`, else the one whose letters and digits, without an owner,
/// begin the checkpoint's name or begin with it; the first where neither is given. Throws
/// kdex::Error that names all there are where none fits, or more than one does.
std::string part_for(const std::vector<std::string>& keys, const std::string& asked,
                     const std::string& checkpoint);

/// "3 kernels of the values fp8_block"; for notes.
std::string left_out(const std::vector<Kernel>& kernels, const std::string& why);

/// A product's row, with N and K or B, N and K.
Row product_row(const Kernel& kernel);

}  // namespace kdex::exporters
