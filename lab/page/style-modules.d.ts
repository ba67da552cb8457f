// Style sheets are the bundler's: importing one loads it.
declare module '*.css'
