import { DataType, type RecordBatch } from "apache-arrow";
import { type ColumnSummary, columnSummary } from "./column_summary.ts";
import { count } from "./format.ts";
import { printTable } from "./table.ts";

interface SummarisedColumn {
  readonly name: string;
  readonly type: string;
  readonly summary: ColumnSummary;
  nulls: number;
}

/** What can be said of files whose columns nobody knows beforehand, gathered batch by batch. */
export class FileSummary {
  readonly #columns = new Map<string, SummarisedColumn>();

  /** Takes in a batch. Columns of one name and type are one column, whichever file they are in. */
  add(batch: RecordBatch): void {
    batch.schema.fields.forEach((field, at) => {
      const data = batch.data.children[at];
      if (!data) return;
      const type = typeName(field.type);
      const key = `${field.name}\n${type}`;
      let column = this.#columns.get(key);
      if (!column) {
        column = { name: field.name, type, summary: columnSummary(field), nulls: 0 };
        this.#columns.set(key, column);
      }
      column.nulls += data.nullCount;
      column.summary.add(data);
    });
  }

  /** Whether no row has come. */
  get isEmpty(): boolean {
    return this.#columns.size === 0;
  }

  print(): void {
    printTable("Columns", {
      columns: [
        { title: "name" },
        { title: "type" },
        { title: "nulls", align: "right" },
        { title: "values" },
      ],
      rows: [...this.#columns.values()].map(({ name, type, nulls, summary }) => [
        name,
        type,
        count(nulls),
        summary.describe(),
      ]),
    });
  }
}

function typeName(type: DataType): string {
  const name = DataType.isDecimal(type)
    ? `Decimal(${type.precision}, ${type.scale})`
    : String(type);
  return name.length > 48 ? `${name.slice(0, 47)}…` : name;
}
