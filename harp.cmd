@echo off
rem Starts the program harp, the agent's side, on Windows, as the script harp does elsewhere. Needs a Java 25 or newer
rem in JAVA_HOME or in PATH, and the program in target\harp, which mvnw.cmd -q -DskipTests package builds: it builds
rem nothing itself. JAVA_OPTS adds flags of the JVM. It was never run on Windows.
setlocal DisableDelayedExpansion

rem Without a program there is no decision; an agent takes the code 2 for a denial.
set unavailable=1
if "%~1"=="mcp" set unavailable=0
if not "%~1"=="hook" goto find
set unavailable=0
for %%a in (%*) do if "%%~a"=="--strict" set unavailable=2

:find
set "jar="
for %%f in ("%~dp0target\harp\harp-relay-*-harp.jar") do set "jar=%%~f"
if defined jar goto java
echo harp: not built: run "%~dp0mvnw.cmd" -q -DskipTests package once. 1>&2
exit /b %unavailable%

:java
set java=java.exe
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if exist "%java%" goto start
where /q "%java%" && goto start
echo harp needs a Java 25 or newer: install one, or set JAVA_HOME to it. 1>&2
exit /b %unavailable%

:start
"%java%" -XX:+UseSerialGC -XX:+UseCompressedOops -XX:TieredStopAtLevel=1 -Xlog:disable -Xlog:all=error:stderr "-Dharp.program=%~f0" %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%
