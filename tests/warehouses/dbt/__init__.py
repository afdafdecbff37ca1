"""The dbt project in transform/, on what a real target loaded."""
