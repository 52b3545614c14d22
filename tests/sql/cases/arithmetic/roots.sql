-- Roots to the last bit: as text, so that nothing is forgiven.

-- case: cube_roots
SELECT string(cbrt(27.0)), string(cbrt(27)), string(cbrt(-27.0D)), string(cbrt(0.001D)), string(cbrt(2.0D)), string(cbrt(1e300)), string(cbrt(1e-310D)), string(cbrt(4.9E-324D)), string(cbrt(1.7976931348623157E308D));
SELECT string(cbrt(0)), string(cbrt(-0.0D)), string(cbrt(double('NaN'))), string(cbrt(double('-inf'))), cbrt(NULL);
SELECT count(*) FROM range(1, 2000) WHERE cbrt(id * id * id) <> id;
