DataTable.ext.errMode = "throw";
for (const table of document.querySelectorAll("table.sortable")) {
  new DataTable(table, {
    autoWidth: false,
    info: false,
    order: [],
    paging: false,
    searching: table.classList.contains("long"),
    layout: {
      topStart: table.classList.contains("long") ? "search" : null,
      topEnd: null,
      bottomStart: null,
      bottomEnd: null,
    },
    language: { search: "Search this table", zeroRecords: "No row matches" },
  });
}
document.documentElement.dataset.ready = "yes";
