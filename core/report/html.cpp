// The report as one HTML page: no file beside it, no request to anywhere, readable without scripts;
// with them its tables sort by a click on a column's head and filter by text, family and
// checkpoint.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/json_parts.h"
#include "core/report/report.h"

namespace kdex {
namespace {

/// Text of any bytes as HTML text or attribute: markup is escaped, what is no UTF-8 becomes U+FFFD.
std::string escaped(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    std::size_t n = c < 0x80                ? 1
                    : c >= 0xC2 && c < 0xE0 ? 2
                    : c >= 0xE0 && c < 0xF0 ? 3
                    : c >= 0xF0 && c < 0xF5 ? 4
                                            : 0;
    bool good = n > 0 && i + n <= s.size();
    for (std::size_t k = 1; good && k < n; ++k)
      good = (static_cast<unsigned char>(s[i + k]) & 0xC0) == 0x80;
    if (good && n == 3) {
      const auto d = static_cast<unsigned char>(s[i + 1]);
      good = (c != 0xE0 || d >= 0xA0) && (c != 0xED || d < 0xA0);  // no overlong form, no surrogate
    }
    if (good && n == 4) {
      const auto d = static_cast<unsigned char>(s[i + 1]);
      good = (c != 0xF0 || d >= 0x90) && (c != 0xF4 || d < 0x90);
    }
    if (!good) {
      out += "&#xFFFD;";
      ++i;
      continue;
    }
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c < ' ' && c != '\n' && c != '\t')
      out += ' ';
    else
      out.append(s, i, n);
    i += n;
  }
  return out;
}

std::string seconds_text(double s) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", s);
  return text;
}

/// A table: what a cell sorts by is its text, or a number where the column is one.
class Table {
 public:
  Table(const std::string& id, const std::vector<std::string>& heads) {
    out_ = "<table id=\"" + id + "\"><thead><tr>";
    for (const auto& h : heads) out_ += "<th tabindex=0>" + escaped(h) + "</th>";
    out_ += "</tr></thead><tbody>\n";
  }
  /// `families` and `checkpoints` are what the filters ask for.
  void row(const std::vector<std::string>& families = {},
           const std::vector<std::string>& checkpoints = {}) {
    end_row();
    auto joined = [](const std::vector<std::string>& v) {
      std::string s = "|";
      for (const auto& x : v) s += x + "|";
      return escaped(s);
    };
    out_ += "<tr data-f=\"" + joined(families) + "\" data-c=\"" + joined(checkpoints) + "\">";
    open_ = true;
  }
  void text(std::string_view s) { out_ += "<td>" + escaped(s) + "</td>"; }
  void code(std::string_view s) { out_ += "<td><code>" + escaped(s) + "</code></td>"; }
  void number(std::string_view s) { out_ += "<td class=n>" + escaped(s) + "</td>"; }
  void status(const std::string& s) {
    out_ += "<td><span class=\"s " + escaped(s) + "\">" + escaped(s) + "</span></td>";
  }
  void html(std::string_view s) { out_ += "<td>" + std::string(s) + "</td>"; }
  std::string take() {
    end_row();
    return out_ + "</tbody></table>\n";
  }

 private:
  void end_row() {
    if (open_) out_ += "</tr>\n";
    open_ = false;
  }
  std::string out_;
  bool open_ = false;
};

std::string folded(std::string_view summary, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = "<details><summary>" + escaped(summary) + "</summary><ul>";
  for (const auto& l : lines) out += "<li>" + escaped(l) + "</li>";
  return out + "</ul></details>";
}

std::string counted(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

/// "meta-llama/Llama-3.1-8B tp8 ep1" -> its checkpoint.
std::string checkpoint_of(const std::string& model) { return model.substr(0, model.find(' ')); }

std::string listed(const std::string& heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = "<h2>" + escaped(heading) + "</h2><ul>";
  for (const auto& l : lines) out += "<li>" + escaped(l) + "</li>";
  return out + "</ul>\n";
}

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kdex report</title>
<style>
:root{color-scheme:light dark;--fg:#1c2330;--dim:#5b6678;--bg:#fff;--line:#dfe4ec;--soft:#f5f7fa;--blue:#0b5cad;--green:#0a7a3d;--red:#b3261e;--amber:#8a5a00}
@media(prefers-color-scheme:dark){:root{--fg:#e4e8ef;--dim:#9aa6b8;--bg:#14181f;--line:#2c3441;--soft:#1b212b;--blue:#7ab7ff;--green:#62d394;--red:#ff8a80;--amber:#f2b64f}}
body{font:14px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;padding:24px;max-width:1500px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:32px 0 8px}p{margin:4px 0;color:var(--dim)}
code{font:12.5px/1.4 ui-monospace,monospace}
.tiles{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}
.tile{border:1px solid var(--line);border-radius:6px;padding:8px 14px;background:var(--soft)}
.tile b{display:block;font-size:20px}.tile.bad b{color:var(--red)}
.bar{position:sticky;top:0;background:var(--bg);padding:8px 0;display:flex;gap:10px;flex-wrap:wrap;border-bottom:1px solid var(--line);z-index:1}
input,select{font:inherit;padding:4px 8px;border:1px solid var(--line);border-radius:4px;background:var(--bg);color:var(--fg)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{cursor:pointer;background:var(--soft);white-space:nowrap;user-select:none}th[data-d="1"]::after{content:" \25B2"}th[data-d="-1"]::after{content:" \25BC"}
td code,summary{white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}tbody tr:hover{background:var(--soft)}
.s{font-weight:600}.new,.ok,.loaded{color:var(--green)}.existing{color:var(--blue)}.conflict,.refused{color:var(--amber)}.invalid,.failed{color:var(--red)}
details summary{cursor:pointer;color:var(--blue)}ul{margin:4px 0;padding-left:18px}li{overflow-wrap:anywhere}
</style></head><body>
)";

constexpr std::string_view script = R"(<script>
(function(){
  var text=document.getElementById('q'),family=document.getElementById('f'),checkpoint=document.getElementById('c');
  function filter(){
    document.querySelectorAll('table').forEach(function(t){
      var shown=0;
      t.querySelectorAll('tbody tr').forEach(function(r){
        var ok=(!text.value||r.textContent.toLowerCase().indexOf(text.value.toLowerCase())>=0)
          &&(!family.value||r.dataset.f==='|'||r.dataset.f.indexOf('|'+family.value+'|')>=0)
          &&(!checkpoint.value||r.dataset.c==='|'||r.dataset.c.indexOf('|'+checkpoint.value+'|')>=0);
        r.hidden=!ok;shown+=ok;
      });
      var count=document.getElementById(t.id+'-count');
      if(count)count.textContent=shown;
    });
  }
  [text,family,checkpoint].forEach(function(e){e.addEventListener('input',filter);});
  function sort(h){
    var t=h.closest('table'),i=h.cellIndex,d=h.dataset.d==='1'?-1:1,b=t.tBodies[0];
    t.querySelectorAll('th').forEach(function(o){delete o.dataset.d;});
    h.dataset.d=d;
    Array.from(b.rows).sort(function(x,y){
      var a=x.cells[i].textContent,c=y.cells[i].textContent,n=parseFloat(a)-parseFloat(c);
      if(x.cells[i].className==='n'&&!isNaN(n))return d*n;
      return d*a.localeCompare(c,'en',{numeric:true});
    }).forEach(function(r){b.appendChild(r);});
  }
  document.querySelectorAll('th').forEach(function(h){
    h.addEventListener('click',function(){sort(h);});
    h.addEventListener('keydown',function(e){if(e.key==='Enter'||e.key===' '){e.preventDefault();sort(h);}});
  });
})();
</script></body></html>
)";

/// What the engine logged, changed and filled in, and the arguments that it resolved.
std::string said_by_engine(const ReportModel& m) {
  std::vector<std::string> said = m.remarks, arguments;
  for (const auto& c : m.changed)
    said.push_back(c.name + ": " + c.asked + " was asked for, the engine uses " + c.resolved);
  for (const auto& l : m.log)
    said.push_back(l.level + ": " + l.text + (l.count > 1 ? " x" + std::to_string(l.count) : "") +
                   (l.place.file.empty() ? "" : "  " + place_text(l.place)));
  for (const auto& [name, value] : m.resolved)
    arguments.push_back(name + " = " + dump_line(value_json(value)));
  return folded(counted(said.size(), "line", "lines"), said) +
         folded(counted(arguments.size(), "argument", "arguments"), arguments);
}

/// What the run stands on.
std::string run_section(const RunRecord& r) {
  if (r.id.empty()) return "";
  std::string out = "<h2>This run</h2>\n<p>kdex " + escaped(r.kdex) + ", run <code>" +
                    escaped(r.id) + "</code>, started " + escaped(r.started) + ", engine " +
                    escaped(r.engine) + "</p>\n";
  Table sources("sources",
                {"package", "version", "commit", "folder", "given as", "files", "sha256"});
  for (const auto& s : r.sources) {
    sources.row();
    sources.text(s.name);
    sources.text(s.version);
    sources.text(s.commit);
    sources.code(s.folder);
    sources.text(s.given.empty() ? "found by kdex" : s.given);
    sources.number(std::to_string(s.files));
    sources.code(s.sha256);
  }
  out += sources.take();
  Table settings("settings", {"setting", "value"});
  for (const auto* list : {&r.settings, &r.platforms})
    for (const auto& [key, value] : *list) {
      settings.row();
      settings.text(list == &r.platforms ? "platform " + key : key);
      settings.code(value);
    }
  return out + settings.take();
}

std::string tile(std::size_t n, const std::string& name, bool bad = false) {
  return std::string("<div class=\"tile") + (bad && n > 0 ? " bad" : "") + "\"><b>" +
         std::to_string(n) + "</b>" + escaped(name) + "</div>";
}

/// The title and the numbers below it.
std::string summary(const Report& r) {
  std::map<std::string, std::size_t> status;
  for (const auto& d : r.definitions) ++status[d.status];
  std::size_t refused = 0, failed = 0, assumptions = 0;
  for (const auto& m : r.models) {
    refused += !m.ok && m.refused ? 1 : 0;
    failed += !m.ok && !m.refused ? 1 : 0;
    assumptions += m.assumptions.size();
  }
  return "<h1>kdex report</h1><p>Dataset <code>" + escaped(r.dataset) + "</code>, " +
         seconds_text(r.seconds) + " s with " +
         counted(static_cast<std::size_t>(std::max(r.jobs, 0)), "thread", "threads") +
         (r.interrupted ? ", <b>interrupted</b>" : "") + "</p>\n<div class=tiles>" +
         tile(r.definitions.size(), "definitions") + tile(status["new"], "new") +
         tile(status["existing"], "existing") + tile(status["conflict"], "conflicts", true) +
         tile(status["invalid"], "invalid", true) +
         tile(r.models.size(), "models at a deployment") + tile(refused, "refused by the engine") +
         tile(failed, "failed in kdex", true) + tile(assumptions, "assumptions", true) +
         tile(r.errors.size(), "errors", true) + "</div>\n";
}

/// The fields that narrow the tables: text, family, checkpoint.
std::string filters(const Report& r) {
  std::set<std::string> families, checkpoints;
  for (const auto& d : r.definitions) families.insert(d.family);
  for (const auto& m : r.models) checkpoints.insert(m.checkpoint);
  std::string out =
      "<div class=bar><input id=q placeholder=\"filter\" aria-label=\"filter by text\">"
      "<select id=f aria-label=\"family\"><option value=\"\">all families</option>";
  for (const auto& f : families) out += "<option>" + escaped(f) + "</option>";
  out +=
      "</select><select id=c aria-label=\"checkpoint\"><option value=\"\">all checkpoints</option>";
  for (const auto& c : checkpoints) out += "<option>" + escaped(c) + "</option>";
  return out + "</select></div>\n";
}

std::vector<std::string> unmatched_lines(const ReportModel& m) {
  std::vector<std::string> lines;
  for (const auto& u : m.unmatched) {
    std::string line =
        u.path + ": " + u.class_name + (u.count > 1 ? " x" + std::to_string(u.count) : "");
    for (const auto& axis : u.shape)
      line += "  " + axis.name + "=" + std::to_string(axis.value.value_or(0));
    for (const auto& why : u.reasons) line += "  " + why;
    lines.push_back(line + "  " + place_text(u.defined));
  }
  return lines;
}

std::vector<std::string> assumption_lines(const ReportModel& m) {
  std::vector<std::string> lines;
  for (const auto& a : m.assumptions)
    lines.push_back(place_text(a.place) + ": " + a.condition + " taken as " +
                    (a.taken ? "true" : "false") + ": " + a.reason);
  return lines;
}

std::vector<std::string> note_lines(const ReportModel& m) {
  std::vector<std::string> lines;
  for (const auto& n : m.notes)
    lines.push_back(n.family + (n.path.empty() ? "" : ", " + n.path) + ": " + n.text +
                    (n.place.file.empty() ? "" : "  " + place_text(n.place)));
  return lines;
}

/// The cells of a row of the models, but for its checkpoint's.
void model_cells(const ReportModel& m, Table& models) {
  models.text(m.deployment);
  models.status(m.status());
  if (!m.ok) {
    models.html("<details open><summary>" + escaped(m.stage + ": " + m.error_type) + "</summary>" +
                escaped(m.error) + "</details>");
    for (int i = 0; i < 7; ++i) models.text("");
    models.number(seconds_text(m.parse_seconds + m.run_seconds));
    models.html(folded(counted(m.where.size(), "stack line", "stack lines"), m.where));
    models.html(said_by_engine(m));
    return;
  }
  models.text(m.architecture);
  models.text(m.dtype);
  models.text(m.quantization);
  models.number(std::to_string(m.modules));
  models.html(folded(std::to_string(m.definitions.size()), m.definitions));
  models.html(folded(std::to_string(m.unmatched.size()), unmatched_lines(m)));
  models.html(m.assumptions.empty()
                  ? "0"
                  : folded(std::to_string(m.assumptions.size()), assumption_lines(m)));
  models.number(std::to_string(m.unknowns));
  models.number(seconds_text(m.parse_seconds + m.run_seconds));
  models.html(folded(counted(m.notes.size(), "note", "notes"), note_lines(m)));
  models.html(said_by_engine(m));
}

std::string models_section(const Report& r) {
  const std::string title =
      "<h2>Models (<span id=models-count>" + std::to_string(r.models.size()) + "</span>)</h2>\n";
  Table models("models", {"checkpoint", "deployment", "status", "architecture", "dtype",
                          "quantization", "modules", "definitions", "unmatched", "assumed",
                          "unknowns", "seconds", "notes", "engine"});
  for (const auto& m : r.models) {
    std::set<std::string> of;
    for (const auto& n : m.notes) of.insert(n.family);
    for (const auto& d : r.definitions)
      if (std::find(m.definitions.begin(), m.definitions.end(), d.name) != m.definitions.end())
        of.insert(d.family);
    models.row(m.ok ? std::vector<std::string>(of.begin(), of.end()) : std::vector<std::string>{},
               {m.checkpoint});
    models.text(m.checkpoint);
    model_cells(m, models);
  }
  return title + models.take();
}

std::string definitions_section(const Report& r) {
  const std::string title = "<h2>Definitions (<span id=definitions-count>" +
                            std::to_string(r.definitions.size()) + "</span>)</h2>\n";
  Table definitions("definitions",
                    {"name", "family", "op type", "status", "checkpoints", "models", "found at"});
  for (const auto& d : r.definitions) {
    std::vector<std::string> of;
    for (const auto& m : d.models)
      if (std::find(of.begin(), of.end(), checkpoint_of(m)) == of.end())
        of.push_back(checkpoint_of(m));
    definitions.row({d.family}, of);
    definitions.code(d.name);
    definitions.text(d.family);
    definitions.text(d.op_type);
    definitions.status(d.status);
    definitions.number(std::to_string(of.size()));
    definitions.html(folded(counted(d.models.size(), "deployment", "deployments"), d.models));
    std::string what = d.what;
    if (d.status == "conflict") what += "; kept beside " + d.asked;
    for (const auto& one : d.differences) what += "; " + difference_text(one);
    if (!d.like.empty()) what += "; same signature as " + d.like;
    definitions.text(what);
  }
  return title + definitions.take();
}

std::string plugins_section(const Report& r) {
  Table plugins("plugins", {"family", "version", "status", "library"});
  for (const auto& p : r.plugins) {
    plugins.row();
    plugins.text(p.name);
    plugins.text(p.version);
    plugins.status(p.refused.empty() ? "loaded" : "refused");
    plugins.text(p.library + (p.refused.empty() ? "" : ": " + p.refused));
  }
  return "<h2>Families</h2>\n" + plugins.take();
}

}  // namespace

std::string report_to_html(const Report& r) {
  return std::string(head) + summary(r) + filters(r) + listed("Errors", r.errors) +
         listed("Warnings", r.warnings) + models_section(r) + definitions_section(r) +
         plugins_section(r) + run_section(r.run) + listed("Suggestions", r.suggestions) +
         std::string(script);
}

}  // namespace kdex
