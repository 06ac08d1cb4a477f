// The files of core/report/page, as they were when the program was built (page_files.cpp.in).
#pragma once

namespace kdex::page_files {

extern const char* const html;
extern const char* const style;
extern const char* const script;

}  // namespace kdex::page_files
